"""Kinds of mistakes of a table's rows, as the stage `modes` found them."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr

from dashboards.data.spreading import over_rows, rows_of
from deepvid.columns import Column
from deepvid.hypotheses import first_half, tried_samples
from deepvid.store import Run

STAGE = "modes"
NAME = "mode"
"""The word of a query."""


class Modes:
    """Modes of one run over the rows of a table; read when they are asked for."""

    def __init__(self, group: xr.Dataset, row_of_sample: np.ndarray, rows: int, seed: int = 0) -> None:
        """`row_of_sample` int (sample,) is that of the table, which has so many rows; `seed` the run's."""
        self._group, self._seed = group, seed
        self._row_of_sample, self._rows = row_of_sample, rows

    @property
    def entries(self) -> list[Mapping[str, Any]]:
        """Each as `deepvid.pipeline.modes` tells it."""
        return list(self._group.attrs["modes"])

    @property
    def has_distances(self) -> bool:
        """Whether it is known how far mistakes are from each other; earlier versions did not keep it."""
        return "point" in self._group

    def has(self, sample: int) -> bool:
        """Whether a mistake on this image is one of those whose distances are known."""
        return self.has_distances and bool((self._sample == sample).any())

    def distances(self, sample: int) -> np.ndarray:
        """f32 (row,): of every mistake how unlike it is one that it `has`; NaN of other rows."""
        points = self._group["point"].to_numpy().astype(np.float32)
        asked = points[int(np.flatnonzero(self._sample == sample)[0])]
        squared = ((points - asked) ** 2).sum(axis=1)
        return over_rows(np.sqrt(squared), rows_of(self._sample, self._row_of_sample), self._rows)

    @cached_property
    def tried_rows(self) -> np.ndarray:
        """int32 (image,): the images that rules are tried on."""
        test = np.flatnonzero(self._row_of_sample >= 0)
        return self._row_of_sample[tried_samples(test, self._seed)]

    @cached_property
    def first_half(self) -> np.ndarray:
        """bool (image,): those of `tried_rows` that rules are found on."""
        return first_half(len(self.tried_rows), np.random.default_rng(self._seed))

    def central(self, errors: np.ndarray, most: int) -> list[int]:
        """Samples in the middle of some errors, bool (row,): the nearest first."""
        row = rows_of(self._sample, self._row_of_sample)
        inside = np.flatnonzero((row >= 0) & errors[row])
        if not len(inside) or not self.has_distances:
            return self._sample[inside[:most]].tolist()
        points = self._group["point"][inside].to_numpy().astype(np.float32)
        away = ((points - points.mean(axis=0)) ** 2).sum(axis=1)
        return self._sample[inside[np.argsort(away, kind="stable")[:most]]].tolist()

    @cached_property
    def _sample(self) -> np.ndarray:
        """int32 (error,): read once, for every gesture asks."""
        return self._group["sample"].to_numpy()

    @cached_property
    def column(self) -> Column:
        """The mode of every row; none of rows that are right, and of errors of none."""
        words = tuple(f"{number} · {mode.get('name', '')}" for number, mode in enumerate(self.entries, 1))
        of_row, mode = np.full(self._rows, -1, np.int32), self._group["mode"].to_numpy().astype(np.int32)
        row = rows_of(self._sample, self._row_of_sample)
        there = (row >= 0) & (mode >= 0) & (mode < len(words))
        of_row[row[there]] = mode[there]
        return Column(NAME, "category", of_row, words)


def read_modes(run: Run, row_of_sample: np.ndarray, rows: int) -> Modes | None:
    """None where the run has none. They are of test images: `row_of_sample` has no row of any other."""
    if STAGE not in run.stages:
        return None
    group = run.stages[STAGE].open("sample", "mode", "modes")
    return Modes(group, row_of_sample, rows, int(run.config.get("seed", 0)))
