"""The epochs of a run as a table's rows have them: their maps, and how each image was learned.

Source of learning: Toneva et al. (2019), An Empirical Study of Example Forgetting during Deep Neural Network
Learning, ICLR.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from dashboards.data.maps import Map
from dashboards.data.spreading import over_rows
from dashboards.data.time_travel import Travel, first_form, travels
from dashboards.data.training import answers, changed_between
from deepvid.caching import newest_per_owner
from deepvid.store import Run, Series
from deepvid.stored_training import answered_samples, trained_series


class LearningHistory(NamedTuple):
    """f32 (row,) each; nan of images that the epochs do not have."""

    flips: np.ndarray  # how often its class changed from one epoch to the next
    forgotten: np.ndarray  # how often it was right, and wrong after the next epoch
    since: np.ndarray  # the epoch, from 1, from which it was right to the end; nan where it is wrong then


class Epochs:
    """The test images on the map of every epoch, in the order of a table's rows; read when asked for."""

    def __init__(self, run: Run, row_of_sample: np.ndarray, rows: int) -> None:
        self._run, self._row_of_sample, self._rows = run, row_of_sample, rows
        self._maps: dict[tuple[str, int], Map] = {}

    @property
    def two(self) -> bool:
        """Whether the teacher has two of them."""
        series = trained_series(self._run)
        return series is not None and series.epochs > 1

    @property
    def content(self) -> tuple[str, int]:
        """While it is the same, so is what `learning_history` says."""
        series = self._teacher
        return series.key, series.epochs

    def learning_history(self, label: np.ndarray) -> LearningHistory:
        """Of the rows with these labels, where there are `two`."""
        series = self._teacher
        row = self._row_of_sample[answered_samples(self._run, series.key).samples]
        shown = row >= 0
        true = label[row[shown]]
        flips, forgotten = np.zeros((2, len(true)), np.float32)
        since = np.full(len(true), np.nan, np.float32)
        before = None
        for epoch, answered in enumerate(answers(self._run, series)):
            named = answered[shown]
            right = named == true
            if before is not None:
                flips += named != before
                forgotten += (before == true) & ~right
            since = np.where(right, np.where(np.isnan(since), epoch + 1, since), np.nan)
            before = named
        return LearningHistory(*(over_rows(one, row[shown], self._rows) for one in (flips, forgotten, since)))

    @property
    def _teacher(self) -> Series:
        series = trained_series(self._run)
        assert series is not None  # it is asked where two epochs are there
        return series

    def changed(self, first: int, last: int) -> np.ndarray | None:
        """bool (row,): given another class after any of these epochs, from 1, than before it; None: the run
        has not all of them.
        """
        series = trained_series(self._run)
        if series is None or not 1 <= first <= last <= series.epochs:
            return None
        mask = np.zeros(self._rows, np.bool_)
        changed = changed_between(self._run, series, first - 1, last - 1)
        row = self._row_of_sample[answered_samples(self._run, series.key).samples]
        mask[row[(row >= 0) & changed]] = True
        return mask

    def answered_by(self, mask: np.ndarray) -> np.ndarray:
        """bool (sample,): those of the rows in a mask, among the samples that every epoch answers for."""
        row = self._row_of_sample[answered_samples(self._run, self._teacher.key).samples]
        return np.where(row >= 0, mask[row], False)

    def travel(self, form: str) -> Travel | None:
        """Of all points; None where the run has not that form."""
        return travels(self._run).get(form)

    def map(self, form: str, epoch: int) -> Map | None:
        """Of an epoch, from 1; None where the run has none."""
        travel = self.travel(form)
        if travel is None or not 1 <= epoch <= travel.epochs:
            return None
        if (form, epoch) not in self._maps:
            x, y = self.by_row(travel, travel.position[epoch - 1].astype(np.float32)).T
            self._maps[form, epoch] = Map(form, np.ascontiguousarray(x), np.ascontiguousarray(y), {}, {})
        return self._maps[form, epoch]

    @property
    def mapped_twice(self) -> bool:
        """Whether there are two maps of a form to compare."""
        return first_form(self._run, epochs=2) is not None

    def crossings(self) -> np.ndarray:
        """f32 (row,): how often each crossed a border on the maps of the first form; nan: it is on none."""
        form = first_form(self._run, epochs=2)
        assert form is not None  # it is asked where two maps are there
        travel = travels(self._run)[form]
        return self.by_row(travel, travel.crossings.sum(axis=0))

    def flipped(self, form: str, epoch: int) -> np.ndarray | None:
        """bool (row,): whose class after an epoch, from 1, is another than before; None: no such epoch."""
        travel = self.travel(form)
        if travel is None or not 1 <= epoch <= travel.epochs:
            return None
        return self._mask(travel, travel.flips[epoch - 1])

    def in_cells(self, form: str, epoch: int, cells: Iterable[tuple[int, int]]) -> np.ndarray | None:
        """bool (row,): whose (true class, prediction) after an epoch, from 1, is one of them."""
        travel = self.travel(form)
        if travel is None or not 1 <= epoch <= travel.epochs:
            return None
        chosen = np.zeros(len(travel.samples), np.bool_)
        for true, predicted in cells:
            chosen |= (travel.label == true) & (travel.predicted[epoch - 1] == predicted)
        return self._mask(travel, chosen)

    def rows(self, travel: Travel) -> np.ndarray:
        """int32 (point,): the row of each point, -1 of those that have none."""
        return self._row_of_sample[travel.samples]

    def points(self, travel: Travel, mask: np.ndarray | None) -> np.ndarray | None:
        """bool (point,): those of the rows in a mask; None where nothing is selected."""
        if mask is None:
            return None
        row = self.rows(travel)
        return np.where(row >= 0, mask[row], False)

    def _mask(self, travel: Travel, points: np.ndarray) -> np.ndarray:
        row = self.rows(travel)
        mask = np.zeros(self._rows, np.bool_)
        mask[row[(row >= 0) & points]] = True
        return mask

    def by_row(self, travel: Travel, values: np.ndarray) -> np.ndarray:
        """f32 (row, ...) of what is (point, ...); NaN of rows that are no points."""
        return over_rows(values, self.rows(travel), self._rows)


def held(run: Run, series: str, name: str) -> bool:
    """Whether the epochs of a series have a variable or an attribute; looked up once, as gestures ask."""
    epochs = run.series(series)
    return epochs is not None and bool(epochs.epochs) and name in _names(run, series, epochs.key)


@newest_per_owner
def _names(run: Run, series: str, key: str) -> frozenset[str]:
    epochs = run.series(series)
    assert epochs is not None
    group = epochs.open()
    return frozenset(map(str, (*group.variables, *group.attrs)))
