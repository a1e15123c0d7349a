"""Why each misclassified row of a table is wrong, as the stage `causes` found it."""

from functools import cached_property

import numpy as np

from dashboards.data.spreading import over_rows, rows_of
from deepvid.columns import Column
from deepvid.reasons import NEEDED, CauseStrength, Classes, Reason, StoredCauses
from deepvid.store import Run

STAGE = "causes"
NAME = "cause"
"""The word of a query for the first cause."""


class Causes:
    """Causes of the errors of one run over the rows of a table; read when they are asked for."""

    def __init__(self, stored: StoredCauses, row_of_sample: np.ndarray, rows: int) -> None:
        """`row_of_sample` int (sample,) is that of the table, which has so many rows."""
        self.stored = stored
        self._row_of_sample, self._rows = row_of_sample, rows
        self._strength: dict[str, np.ndarray] = {}

    @cached_property
    def _row(self) -> np.ndarray:
        """int (error,): -1 of one that the table does not have, as a foreign archive may say."""
        return rows_of(self.stored.sample, self._row_of_sample)

    @cached_property
    def column(self) -> Column:
        """The first cause of every row; none of rows that are right."""
        of_row, shown = np.full(self._rows, -1, np.int32), self._row >= 0
        of_row[self._row[shown]] = self.stored.first[shown]
        return Column(NAME, "category", of_row, self.stored.titles)

    @cached_property
    def first_cause(self) -> np.ndarray:
        """int32 (row,): the first cause of it, by its place in `stored.causes`; -1: none is named."""
        first = self.column.values
        return np.where(first < len(self.stored.causes), first, -1)

    @property
    def has_cause(self) -> np.ndarray:
        """bool (row,): a cause of it is named."""
        return self.first_cause >= 0

    def strength(self, name: str) -> np.ndarray:
        """f32 (row,): how far a cause goes over its threshold; nan where it is not known."""
        if name not in self._strength:
            of = [place for place, cause in enumerate(self.stored.causes) if cause.name == name]
            known = self.stored.strength[:, of[0]] if of else np.full(len(self._row), np.nan, np.float32)
            self._strength[name] = over_rows(known, self._row, self._rows)
        return self._strength[name]

    @cached_property
    def area(self) -> np.ndarray | None:
        """f32 (row,): area under the margin, nan of rows that were not followed; None: none was."""
        tracked = self.stored.tracked
        if tracked is None:
            return None
        row = rows_of(tracked["tracked"].to_numpy(), self._row_of_sample)
        return over_rows(tracked["area"].to_numpy(), row, self._rows)

    def mean_lost(self, rows: np.ndarray) -> list[float]:
        """Logits that the answers of bool (row,) lose with each place on average; empty: nobody asked."""
        if self.stored.lost is None:
            return []
        lost = self.stored.lost[(self._row >= 0) & rows[self._row]].astype(np.float32)
        asked = lost[np.isfinite(lost).all(axis=1)]
        return asked.mean(axis=0).tolist() if len(asked) else []

    @property
    def has_area(self) -> bool:
        """Whether `area` is known."""
        return self.stored.tracked is not None

    def reasons(self, row: int, classes: Classes) -> list[Reason]:
        """In words, the first first; none of a row that is right."""
        error = self._error(row)
        return [] if error is None else self.stored.reasons(error, classes)

    def tried(self, row: int) -> list[str]:
        """Causes that were looked for, each with its strength."""
        error = self._error(row)
        return [] if error is None else self.stored.tried(error)

    def deciding_place(self, row: int) -> tuple[float, float, float, float] | None:
        """Top, left, height and width of the place that decides it, as shares of the image's longer side;
        None where that is no cause of it.
        """
        error = self._error(row)
        return None if error is None else self.stored.deciding_place(error)

    def _error(self, row: int) -> int | None:
        (errors,) = np.nonzero(self._row == row)
        return int(errors[0]) if len(errors) else None

    def weighed(self, row: int, classes: Classes) -> list[CauseStrength]:
        """Every cause with how far it goes, the strongest first; none of a row that is right."""
        (errors,) = np.nonzero(self._row == row)
        return self.stored.weighed(int(errors[0]), classes) if len(errors) else []


def read_causes(run: Run, row_of_sample: np.ndarray, rows: int) -> Causes | None:
    """None where the run has none."""
    if STAGE not in run.stages:
        return None
    return Causes(StoredCauses(run.stages[STAGE].open(*NEEDED)), row_of_sample, rows)
