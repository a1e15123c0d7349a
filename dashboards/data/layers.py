"""Layers of a network, and classes that the nearest training images say there of every test image."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from dashboards.data.maps import Map
from dashboards.data.recent import Recent
from dashboards.data.spreading import over_rows
from dashboards.data.unit_groups import LayerGroups, read_groups
from dashboards.data.units import LayerUnits, read_units
from dashboards.kernels import counts
from deepvid.caching import newest_per_owner
from deepvid.errors import DataError
from deepvid.statistics import Interval
from deepvid.store import Run

STAGES = ("layers", "units", "unit-groups", "maximized")
"""Those that are read here: the first tells of every column, the others of its units."""
UNITS_KEPT = 4  # layers of a table whose responses stay in memory
TEACHER = "teacher"
"""The column behind the last one, where the teacher says for itself what an image is."""


class Column(NamedTuple):
    """The pixels, a layer, or the logits, as the stage has measured it."""

    name: str
    shape: tuple[int, ...]
    parameters: int | None  # None: not known
    sees: Mapping[str, Mapping[str, int]] | None  # {size, stride, offset} along y and x; None: all
    accuracy: Interval  # of what the neighbors say
    chance: float  # the same with shuffled labels
    residual: float | None = None  # RMS distance of its map to the one before, in its radii; None: no such
    mirrored: bool = False  # whether its map was mirrored, too, to be turned onto that
    preservation: Interval | None = None  # of 10 neighbors in the codes, as a share; None: of one image
    preservation_chance: float | None = None


@dataclass(frozen=True, eq=False)
class Layers:
    """Columns of a run from the pixels to the logits, as its stages describe them."""

    columns: tuple[Column, ...]
    samples: np.ndarray  # int32 (sample,)
    said: np.ndarray  # (column, sample): class that most of the neighbors have
    neighbors: int
    attrs: Mapping[str, Any]  # attributes of the stages
    layout: np.ndarray | None = None  # f32 (column, sample, 2): the map of each; None: archived without

    @property
    def among(self) -> str:
        """Which images are neighbors, in words."""
        return str(self.attrs.get("among", "training images"))

    @property
    def names(self) -> tuple[str, ...]:
        """Those of the columns."""
        return tuple(column.name for column in self.columns)


def layers(run: Run) -> Layers | None:
    """The layers of a run, read once for all sessions; None of a run without the first stage."""
    stages = [run.stage(name) for name in STAGES]
    if stages[0] is None:
        return None
    return _read(run, tuple("" if stage is None else stage.key for stage in stages))


@newest_per_owner
def _read(run: Run, keys: tuple[str, ...]) -> Layers:
    data = run.together(*STAGES)
    columns = tuple(_column(told) for told in data.attrs["columns"])
    if len(columns) != data.sizes["column"]:
        raise DataError(
            "Every column of the layers is described",
            f"{len(columns)} of {data.sizes['column']}",
            "Verify the run: deepvid verify RUN",
        )
    return Layers(
        columns,
        data["sample"].to_numpy().astype(np.int32),
        data["probe"].to_numpy(),
        int(data.attrs["neighbors"]),
        data.attrs,
        data["layout"].to_numpy() if "layout" in data else None,
    )


def _column(told: Mapping[str, Any]) -> Column:
    return Column(
        told["name"],
        tuple(told["shape"]),
        told["parameters"],
        told["receptive_field"],
        Interval(*told["accuracy"]),
        told["chance"],
        told["residual"],
        told["mirrored"],
        None if None in told["neighbors_kept"] else Interval(*told["neighbors_kept"]),
        told["neighbors_chance"],
    )


@dataclass(frozen=True, eq=False)
class Looked:
    """A run's layers in the order of a table's rows."""

    layers: Layers
    names: tuple[str, ...]  # of the columns, and `TEACHER` where the teacher's answers are known
    said: np.ndarray  # int32 (column, row): class; -1 in all columns of rows that are not known in all
    crossing: tuple[np.ndarray, ...]  # (row,) of each two neighboring columns, as `counts.cells` has them
    rows: np.ndarray  # int32 (sample,) of the layers: their rows, -1 of those that have none
    maps: dict[str, Map]  # of the columns that gestures have asked for
    units: Recent[LayerUnits | None]  # or groups of them, of the layers asked for last


class LayerRows:
    """Layers as a table's rows see them; read when asked for."""

    def __init__(
        self, run: Run, row_of_sample: np.ndarray, rows: int, predicted: np.ndarray | None, classes: int
    ) -> None:
        """`predicted` is int32 (row,), -1 where it is unknown."""
        self._run, self._row_of_sample, self._rows = run, row_of_sample, rows
        self._predicted, self._classes = predicted, classes

    @property
    def looked(self) -> Looked | None:
        """None of a run without the first."""
        found = layers(self._run)
        return None if found is None else self._by_row(found)

    def flows(self, mask: np.ndarray | None) -> list[np.ndarray]:
        """int64 (class here, class there) of each two neighboring columns: how many rows of a mask."""
        found = self.looked
        assert found is not None  # it is asked where the stage is there
        return [counts.confusion(cell, mask, self._classes) for cell in found.crossing]

    def says(self, column: str, classes: Iterable[int]) -> np.ndarray | None:
        """bool (row,): whose neighbors say one of the classes there; None where there is no such column."""
        found = self.looked
        if found is None or column not in found.names:
            return None
        said = found.said[found.names.index(column)]
        chosen = np.zeros(self._classes + 1, np.bool_)  # the last one is -1, of what is not known
        chosen[[index for index in classes if index < self._classes]] = True
        return chosen[said]

    def map(self, column: str) -> Map | None:
        """Where the rows lie on the map of a column; None where there is none."""
        found = self.looked
        if found is None or found.layers.layout is None or column not in found.layers.names:
            return None
        if column not in found.maps:
            layout = found.layers.layout[found.layers.names.index(column)]
            x, y = np.ascontiguousarray(over_rows(layout, found.rows, self._rows).T)
            found.maps[column] = Map(column, x, y, {}, {})
        return found.maps[column]

    def units(self, column: str) -> LayerUnits | None:
        """How the units of a layer answer the rows; None where it has none, or none are stored."""
        return self._answering(column, LayerUnits.word, read_units)

    def groups(self, column: str) -> LayerGroups | None:
        """How groups of them do; None where there are none, or none are stored."""
        found = self._answering(column, LayerGroups.word, read_groups)
        assert found is None or isinstance(found, LayerGroups)
        return found

    def _answering(self, column: str, word: str, read: Callable[..., LayerUnits | None]) -> LayerUnits | None:
        found, key = self.looked, (word, column)
        if found is None or column not in found.layers.names:
            return None
        number, rows = found.layers.names.index(column), found.rows
        return found.units.get(key, lambda: read(self._run.together(*STAGES), column, number, rows))

    def agree(self, mask: np.ndarray | None) -> tuple[int, int]:
        """How many known rows of a mask look in the first column like what the last says, and of how many."""
        found = self.looked
        assert found is not None
        known = found.said[0] >= 0 if mask is None else (found.said[0] >= 0) & mask
        return counts.overlap(found.said[0] == found.said[-1], known), int(np.count_nonzero(known))

    @newest_per_owner
    def _by_row(self, found: Layers) -> Looked:
        counts.require_classes(self._classes, found.said)
        said = np.full((len(found.columns), self._rows), -1, np.int32)
        row = self._row_of_sample[found.samples]
        said[:, row[row >= 0]] = found.said[:, row >= 0]
        names: Sequence[str] = found.names
        if self._predicted is not None:
            said, names = np.concatenate([said, self._predicted[None]]), (*names, TEACHER)
        said[:, (said < 0).any(axis=0)] = -1
        crossing = tuple(counts.cells(here, there, self._classes) for here, there in pairwise(said))
        return Looked(found, tuple(names), said, crossing, row, {}, Recent(UNITS_KEPT))
