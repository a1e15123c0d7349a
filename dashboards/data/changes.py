"""How far test images are from another answer, and the ways of errors to their class, as a run has them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from deepvid.caching import newest_per_owner
from deepvid.store import Run

STAGE = "counterfactuals"
PICTURES = ("strip_sample", "strip_difference", "strip_logits")


class Changes(NamedTuple):
    """Distances in the order of a table's rows."""

    spaces: tuple[str, ...]
    distance: np.ndarray  # f32 (space, row): nan where it is not known
    flipped: np.ndarray  # int32 (space, row): the class there, -1 where it is not known
    attrs: Mapping[str, Any]  # attribute `changes` of the stage


class Stored(NamedTuple):
    """The strip of one error towards its true class, in one space."""

    difference: np.ndarray  # f32 (frame, y, x, channel): in units of the whole range
    logits: np.ndarray  # f32 (frame, class)


class ChangeRows:
    """Changes of a table's rows; read when asked for."""

    def __init__(self, run: Run, row_of_sample: np.ndarray, rows: int) -> None:
        self._run, self._row_of_sample, self._rows = run, row_of_sample, rows

    @property
    def changes(self) -> Changes | None:
        """None of a run without them: of no such stage, of an earlier one, or archived without."""
        stage = self._run.stage(STAGE)
        return None if stage is None else self._read(stage.key)

    def within(self, space: str, low: float, high: float) -> np.ndarray | None:
        """bool (row,): whose distance is from `low` to below `high`; None where there is no such space."""
        found = self.changes
        if found is None or space not in found.spaces:
            return None
        distance = found.distance[found.spaces.index(space)]
        with np.errstate(invalid="ignore"):
            return (distance >= low) & (distance < high)

    def stored(self, sample: int, way: str) -> Stored | None:
        """None of images and spaces that none is kept of."""
        found = self.changes
        if found is None or way not in found.attrs.get("ways", ()):
            return None
        group = self._run.together(STAGE)
        if not set(PICTURES) <= set(group):
            return None
        (place,) = np.nonzero(group["strip_sample"].to_numpy() == sample)
        if not len(place):
            return None
        at = {"strip": int(place[0]), "way": list(found.attrs["ways"]).index(way)}
        difference = group["strip_difference"].isel(at).to_numpy().astype(np.float32)
        return Stored(difference, group["strip_logits"].isel(at).to_numpy())

    @property
    def strips(self) -> int:
        """How many errors a strip is kept of."""
        if self.changes is None:
            return 0
        return int(self._run.together(STAGE).sizes.get("strip", 0))

    @newest_per_owner
    def _read(self, key: str) -> Changes | None:
        data = self._run.together(STAGE)
        told = data.attrs.get("changes")
        if told is None or "flip_distance" not in data:
            return None
        spaces = tuple(told["spaces"])
        row = self._row_of_sample[data["sample"].to_numpy()]
        distance = np.full((len(spaces), self._rows), np.nan, np.float32)
        flipped = np.full((len(spaces), self._rows), -1, np.int32)
        distance[:, row[row >= 0]] = data["flip_distance"].to_numpy()[:, row >= 0]
        flipped[:, row[row >= 0]] = data["flip_class"].to_numpy()[:, row >= 0]
        return Changes(spaces, distance, flipped, told)
