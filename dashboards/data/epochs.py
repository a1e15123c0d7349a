"""The epochs of a run as a table's rows have them: their maps, and which rows something happened to."""

from collections.abc import Iterable

import numpy as np

from dashboards.data.learning import Learned, epochs_of, has_epochs, learned
from dashboards.data.maps import Map
from dashboards.data.time_travel import Travel, first_form, travels
from deepvid.caching import newest_per_owner
from deepvid.store import Run


class Epochs:
    """The test images on the map of every epoch, in the order of a table's rows; read when asked for."""

    def __init__(self, run: Run, row_of_sample: np.ndarray, rows: int) -> None:
        self._run, self._row_of_sample, self._rows = run, row_of_sample, rows
        self._maps: dict[tuple[str, int], Map] = {}

    @property
    def two(self) -> bool:
        """Whether the teacher has two of them."""
        return has_epochs(self._run)

    @property
    def content(self) -> tuple[str, int]:
        """While it is the same, so is what `learned` says."""
        return epochs_of(self._run)

    def learned(self, label: np.ndarray) -> Learned:
        """How the rows with these labels were learned, in two epochs or more."""
        return learned(self._run, self._row_of_sample, label)

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
        return self.by_row(travel, travel.crossed.sum(axis=0))

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
        placed = np.full((self._rows, *values.shape[1:]), np.nan, np.float32)
        row = self.rows(travel)
        placed[row[row >= 0]] = values[row >= 0]
        return placed


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
