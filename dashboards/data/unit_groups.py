"""Groups of the units of one layer: how they answer the test images, and how far they can be trusted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import xarray as xr

from dashboards.data.units import Doing, LayerUnits, by_row
from deepvid.statistics import Interval

NEEDED = {"group_column", "group_units", "group_mean", "group_max", "group_peak", "group_spread"}


@dataclass(frozen=True, eq=False, kw_only=True)
class LayerGroups(LayerUnits):
    """Those of a layer with maps; what a unit answers is what a group does here."""

    word: ClassVar[str] = "group"

    members: np.ndarray  # f32 (group, unit of the layer): the share of each in its answer
    stability: np.ndarray | None  # f32 (group,): cosine between what two halves of the images gave
    adds: np.ndarray | None  # f32 (group, logit): what a mean answer of one adds; None: it does not add up
    opened: np.ndarray  # int32 (kept,): units of the layer that are kept, and so can be shown
    error: float  # ‖V − WH‖ / ‖V‖ of what the layer says
    stays: Interval  # share of predictions that stay when the layer says what its groups do
    of_components: Interval  # the same of as many principal components
    floor: float  # the same of always saying the commonest
    chance: float  # of stability
    within: float | None  # how far effects of all, the rest and the constant are from a logit, at most

    def without(self, place: int, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """−mean(w) a and its standard error, f32 (logit,): of the known rows of a mask, bool (row,).

        What becomes of the logits while its part is taken away; only where it `adds` something.
        """
        assert self.adds is not None
        answers = self.response[mask[self.rows], place].astype(np.float64)
        count = len(answers)
        mean = answers.mean() if count else np.nan
        error = answers.std(ddof=1) / np.sqrt(count) if count > 1 else np.nan
        adds = self.adds[place]
        return np.asarray(-mean * adds, np.float32), np.asarray(error * np.abs(adds), np.float32)


def read_groups(group: xr.Dataset, name: str, number: int, rows: np.ndarray) -> LayerGroups | None:
    """Those of a column; None where none are stored. `rows` are as of `read_units`."""
    told = told_of_groups(group.attrs).get(name)
    if told is None or NEEDED - set(group):
        return None
    place = np.flatnonzero(group["group_column"].to_numpy() == number)
    if not len(place):
        return None
    order = by_row(rows)
    chosen = slice(int(place[0]), int(place[-1]) + 1)  # a layer's groups stand together
    optional = {
        key: group[key][chosen].to_numpy() if key in group else None
        for key in ("group_leaf", "group_stability", "group_effect")
    }
    adds = optional["group_effect"] if told["adds_up"] else None
    kept = group["unit_index"].to_numpy()[group["unit_column"].to_numpy() == number]
    return LayerGroups(
        name,
        number,
        place,
        np.arange(len(place), dtype=np.int32),
        group["group_spread"][chosen].to_numpy(),
        optional["group_leaf"],
        _doing(group, chosen),
        rows[order],
        group["group_mean"][:, chosen].to_numpy()[order].astype(np.float32),
        group["group_max"][:, chosen].to_numpy()[order].astype(np.float32),
        group["group_peak"][:, chosen].to_numpy()[order],
        windows=(int(told["windows"][0]), int(told["windows"][1])),
        members=group["group_units"][chosen].to_numpy(),
        stability=optional["group_stability"],
        adds=adds,
        opened=kept,
        error=told["error"],
        stays=Interval(*told["kept"]),
        of_components=Interval(*told["kept_by_components"]),
        floor=group.attrs["groups"]["floor"],
        chance=told["stability_chance"],
        within=told["adds_up_within"],
    )


def told_of_groups(told: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Attributes of the groups of each layer that has some, by its name."""
    found = told.get("groups")
    return {one["name"]: one for one in found["columns"]} if found else {}


def _doing(group: xr.Dataset, chosen: slice) -> Doing | None:
    if not {"group_removed", "group_removed_error"} <= set(group):
        return None
    change = group["group_removed"][chosen].to_numpy().astype(np.float32)
    return Doing(
        change,
        group["group_removed_error"][chosen].to_numpy().astype(np.float32),
        np.asarray(group.attrs["groups"]["of_class"]),
        np.zeros((len(change), 0), np.float32),
        None,
        np.zeros(0, np.int32),
    )
