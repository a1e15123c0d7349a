"""Answers of the units of one layer to the test images, where they answer, and how two sets differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, NamedTuple

import numpy as np
import xarray as xr

from deepvid.caching import newest_per_owner
from deepvid.config import names
from deepvid.store import Run

FEWEST = 2  # images that a standard error can be told of


class Moments(NamedTuple):
    """Of a set of images."""

    images: int
    mean: np.ndarray  # f32 (unit,), in standard deviations of all images; NaN of an empty set
    error: np.ndarray  # f32 (unit,): standard error of the mean; NaN of fewer than two images


class Difference(NamedTuple):
    """One set less another that has no image in common with it, in standard deviations of all images."""

    value: np.ndarray  # f32 (unit,)
    error: np.ndarray  # f32 (unit,): its standard error, NaN where either set has fewer than two images


class Doing(NamedTuple):
    """Effects of the units of a layer, and what drives them, measured by holding each unit at its mean."""

    change: np.ndarray  # f32 (unit, class, logit): mean change on images of a class; NaN: there are none
    error: np.ndarray  # f32 (unit, class, logit): its standard error
    images: np.ndarray  # int64 (class,): on how many images of each class
    moved: np.ndarray  # f32 (unit, source): by units of the layer before, in sd
    before: int | None  # the column of that layer; None: there is none
    source: np.ndarray  # int32 (source,): their numbers in it

    def weighted(self, place: int, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Σ_c share_c change_c and its standard error, f32 (logit,), over classes that it was measured on.

        Shares are of those classes alone; NaN where none of them has one, or an error is not known.
        """
        known = np.isfinite(self.change[place]).all(axis=1) & (share > 0)
        total = float(share[known].sum())
        if not total:
            nothing = np.full(self.change.shape[2], np.nan, np.float32)
            return nothing, nothing
        weight = (share[known] / total)[:, None]
        change = (weight * self.change[place][known]).sum(axis=0)
        return change, np.sqrt(((weight * self.error[place][known]) ** 2).sum(axis=0))


class MaximizedPictures(NamedTuple):
    """Pictures that some units of a layer answer as strongly as one can be made to, in each space."""

    spaces: tuple[names.Making, ...]
    unit: np.ndarray  # int (picture,): of the unit in the layer
    picture: np.ndarray  # uint8 (picture, space, y, x, channel)
    response: np.ndarray  # f32 (picture, space): the largest over places
    ratio: np.ndarray  # f32 (picture, space): to that to the ninth strongest image; NaN: that is not positive


@dataclass(frozen=True, eq=False)
class LayerUnits:
    """The units of a layer that are kept, in the order of the layer. Known rows are the test images."""

    word: ClassVar[str] = "unit"

    name: str  # of the layer
    number: int  # of its column
    row: np.ndarray  # int64 (unit,): where the stage has each
    index: np.ndarray  # int32 (unit,): its number in the layer
    spread: np.ndarray  # f32 (unit,): share of the variance of its mean response that lies between classes
    leaf: np.ndarray | None  # int32 (unit,): place in an order of like beside like; None: unknown
    doing: Doing | None  # None: it was not measured
    rows: np.ndarray  # int32 (known,) of the table, ascending
    response: np.ndarray = field(repr=False)  # f32 (known, unit): mean over the places of an image
    largest: np.ndarray = field(repr=False)  # f32 (known, unit): the largest of them
    peak: np.ndarray = field(repr=False)  # uint16 (known, unit): where it is, row by row
    maximized: MaximizedPictures | None = field(default=None, repr=False)  # None: none were made, or archived
    windows: tuple[int, int] = (1, 1)  # along y and x, how many places of the map are one of `peak`
    _classes: list[Moments] = field(default_factory=list, repr=False)  # once they were asked for

    @cached_property
    def middle(self) -> np.ndarray:
        """f32 (unit,): the mean over all known images."""
        return np.asarray(self.response.mean(axis=0, dtype=np.float64), np.float32)

    @cached_property
    def deviation(self) -> np.ndarray:
        """f32 (unit,): the standard deviation over all known images; 0 of one that never changes."""
        return np.asarray(self.response.std(axis=0, dtype=np.float64), np.float32)

    @cached_property
    def standard(self) -> np.ndarray:
        """f32 (known, unit): responses in standard deviations from the mean; 0 of what never changes."""
        flat = self.deviation == 0
        return np.asarray((self.response - self.middle) / np.where(flat, 1, self.deviation) * ~flat)

    def moments(self, mask: np.ndarray) -> Moments:
        """Of the known rows of a mask, bool (row,)."""
        chosen = self.standard[mask[self.rows]]  # no product with the mask: BLAS waits for busy cores
        count = len(chosen)
        if not count:
            nothing = np.full(len(self.index), np.nan, np.float32)
            return Moments(0, nothing, nothing)
        mean = chosen.mean(axis=0)
        if count < FEWEST:
            return Moments(count, mean, np.full_like(mean, np.nan))
        return Moments(count, mean, chosen.std(axis=0, ddof=1) / np.float32(np.sqrt(count)))

    def of_classes(self, label: np.ndarray, classes: int) -> list[Moments]:
        """Of the images of each class; `label` is int32 (row,), and always the same one of a table."""
        if not self._classes:
            self._classes.extend([self.moments(label == index) for index in range(classes)])
        return self._classes

    def place_of(self, index: int | None) -> int | None:
        """Where a unit of that number stands among the kept ones; None where it is none of them."""
        found = [] if index is None else np.flatnonzero(self.index == index).tolist()
        return found[0] if found else None

    def between(self, index: int, low: float, high: float, rows: int) -> np.ndarray | None:
        """bool (row,): the images answered from `low` to `high`; None where the unit is not kept."""
        place = self.place_of(index)
        if place is None:
            return None
        response = self.response[:, place]
        inside = np.zeros(rows, np.bool_)
        inside[self.rows] = (response >= low) & (response <= high)
        return inside


def difference(first: Moments, second: Moments) -> Difference:
    """mean₁ − mean₂ ± sqrt(SE₁² + SE₂²): Welch, of sets that have no image in common."""
    return Difference(first.mean - second.mean, np.hypot(first.error, second.error))


def read_units(group: xr.Dataset, name: str, number: int, rows: np.ndarray) -> LayerUnits | None:
    """Those of a column; None where it has none. `rows` are int32 (sample,), -1 of those without a row."""
    if "response_mean" not in group:
        return None
    place = np.flatnonzero(group["unit_column"].to_numpy() == number)
    if not len(place):
        return None
    order = by_row(rows)
    chosen = slice(int(place[0]), int(place[-1]) + 1)  # a layer's units stand together
    return LayerUnits(
        name,
        number,
        place,
        group["unit_index"].to_numpy()[place],
        group["unit_spread"].to_numpy()[place],
        group["unit_leaf"].to_numpy()[place] if "unit_leaf" in group else None,
        _doing(group, number, chosen),
        rows[order],
        group["response_mean"][:, chosen].to_numpy()[order].astype(np.float32),
        group["response_max"][:, chosen].to_numpy()[order].astype(np.float32),
        group["response_peak"][:, chosen].to_numpy()[order],
        _maximized(group, chosen),
    )


def _maximized(group: xr.Dataset, chosen: slice) -> MaximizedPictures | None:
    names_ = ("maximized_unit", "maximized", "maximized_response", "maximized_ratio")
    if not set(names_) <= set(group) or not group.attrs.get("maximized"):
        return None
    unit = group["maximized_unit"].to_numpy()
    at = np.flatnonzero((unit >= chosen.start) & (unit < chosen.stop))
    if not len(at):
        return None
    those = slice(int(at[0]), int(at[-1]) + 1)  # they are in the order of units
    arrays = (group[name][those].to_numpy() for name in names_[1:])
    return MaximizedPictures(tuple(group.attrs["maximized"]["spaces"]), unit[at] - chosen.start, *arrays)


def by_row(rows: np.ndarray) -> np.ndarray:
    """int64 (known,): the samples that have a row, by it; `rows` are int32 (sample,), -1 of the others."""
    return np.argsort(rows, kind="stable")[np.count_nonzero(rows < 0) :]


def _doing(group: xr.Dataset, number: int, chosen: slice) -> Doing | None:
    if not {"silenced", "silenced_error", "unit_input"} <= set(group) or not group.attrs.get("silenced"):
        return None
    column = group["unit_column"].to_numpy()
    earlier = column[column < number]
    source = np.flatnonzero(column == earlier.max()) if len(earlier) else np.zeros(0, np.intp)
    return Doing(
        group["silenced"][chosen].to_numpy().astype(np.float32),
        group["silenced_error"][chosen].to_numpy().astype(np.float32),
        np.asarray(group.attrs["silenced"]["of_class"]),
        group["unit_input"][chosen].to_numpy().astype(np.float32)[:, source],
        int(earlier.max()) if len(earlier) else None,
        group["unit_index"].to_numpy()[source],
    )


@dataclass(frozen=True, eq=False)
class ResponseMaps:
    """Maps of where units answer images, from the stage `unit-maps`; units in its order."""

    group: xr.Dataset
    row: Mapping[int, int]  # of each sample that has maps
    grids: Mapping[str, tuple[int, int] | None]  # places (y, x) of a layer's maps; None: it has none
    low: np.ndarray  # f32 (unit,)
    step: np.ndarray  # f32 (unit,)
    deviation: np.ndarray  # f32 (unit,): how far images usually differ at a place

    def of(self, sample: int, units: np.ndarray) -> np.ndarray | None:
        """f32 (place, unit) of units that stand together; None of a sample whose maps are not stored."""
        row = self.row.get(sample)
        if row is None:
            return None
        chosen = slice(int(units[0]), int(units[-1]) + 1)
        byte = self.group["response_map"][row, :, chosen].to_numpy()
        return np.asarray(self.low[chosen] + self.step[chosen] * byte, np.float32)

    def usual(self, units: np.ndarray) -> np.ndarray:
        """f32 (unit,): how far the maps of any two images differ, by their standard deviation."""
        return np.asarray(self.deviation[units])


def response_maps(run: Run) -> ResponseMaps | None:
    """The maps of a run, read once for all sessions; None of a run without any."""
    stage = run.stage("unit-maps")
    return None if stage is None else _read(run, stage.key)


@newest_per_owner
def _read(run: Run, key: str) -> ResponseMaps | None:
    group = run.together("unit-maps")
    told = group.attrs.get("maps")
    if "response_map" not in group or not told:
        return None
    samples: Sequence[int] = group["map_sample"].to_numpy().tolist()
    return ResponseMaps(
        group,
        {sample: row for row, sample in enumerate(samples)},
        {name: None if grid is None else (grid[0], grid[1]) for name, grid in told["grids"].items()},
        *(group[name].to_numpy() for name in ("map_low", "map_step", "map_deviation")),
    )
