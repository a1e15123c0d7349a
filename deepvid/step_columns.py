"""Numbers of the steps of an epoch as minimum, mean and maximum in columns, in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from deepvid.step_numbers import MOST_COLUMNS, STATISTICS, column_ends

if TYPE_CHECKING:
    from jaxtyping import Float, Int

MOST_BLOCKS = 8 * MOST_COLUMNS
"""An epoch of at most so many steps is kept step by step until it ends."""

LEAST, SUM, MOST, COUNT = range(4)
NOTHING = np.array([np.nan, 0.0, np.nan, 0.0])
"""Of a number that no step of a block has."""


class StepColumns:
    """Numbers by name, as the steps of an epoch come; nan: a step does not have it.

    Steps are kept in blocks of `stride`. Where there are `MOST_BLOCKS` of these, neighbors are joined.
    """

    def __init__(self) -> None:
        self.steps = 0
        self.stride = 1
        self._places: dict[str, int] = {}
        self._rest = np.empty((0, 0))  # steps that fill no block yet
        self._parts: list[np.ndarray] = []  # blocks (block, number, 4), of the numbers that were known then

    @property
    def names(self) -> tuple[str, ...]:
        """Of the numbers that some step has, in the order in which they came."""
        return tuple(self._places)

    def extend(self, names: Sequence[str], rows: Float[np.ndarray, "step number"]) -> None:
        """Takes further steps."""
        for name in names:
            self._places.setdefault(name, len(self._places))
        wide = np.full((len(rows), len(self._places)), np.nan)
        wide[:, [self._places[name] for name in names]] = rows
        while len(wide):
            room = MOST_BLOCKS * self.stride - self.steps
            self._take(wide[:room])
            wide = wide[room:]

    def mean(self, name: str) -> float:
        """Over the steps that have the number; nan where none has."""
        blocks = self._blocks([name])[:, 0]
        total, count = blocks[:, SUM].sum(), blocks[:, COUNT].sum()
        return float(total / count) if count else np.nan

    def columns(self, names: Sequence[str], count: int) -> Float[np.ndarray, "column number statistic"]:
        """Of these numbers, as `in_columns` has them."""
        return _statistics(self._blocks(names), count)

    def _take(self, rows: np.ndarray) -> None:
        self.steps += len(rows)
        waiting = np.concatenate([_widened(self._rest, rows.shape[1], np.nan), rows])
        whole = len(waiting) // self.stride * self.stride
        if whole:
            self._parts.append(_joined(_of_steps(waiting[:whole]), np.arange(0, whole, self.stride)))
        self._rest = waiting[whole:]
        if self.steps == MOST_BLOCKS * self.stride:
            blocks = self._blocks(self.names)
            self._parts = [_joined(blocks, np.arange(0, len(blocks), 2))]
            self.stride *= 2

    def _blocks(self, names: Sequence[str]) -> np.ndarray:
        """(block, number, 4) of these numbers; the last one may be shorter than the others."""
        rest = _of_steps(self._rest)
        parts = [*self._parts, _joined(rest, np.arange(min(1, len(rest))))]
        every = [_widened(part, len(self._places), NOTHING) for part in parts]
        blocks = _widened(np.concatenate(every), len(self._places) + 1, NOTHING)  # the last: of no step
        return blocks[:, [self._places.get(name, -1) for name in names]]


def in_columns(
    numbers: Float[np.ndarray, "step number"], columns: int
) -> Float[np.ndarray, "column number statistic"]:
    """Minimum, mean and maximum of what is known of each column's steps, nan where nothing is; of fewer steps
    than columns the last columns are nan.
    """
    return _statistics(_of_steps(numbers), columns)


def _statistics(blocks: np.ndarray, columns: int) -> np.ndarray:
    found = np.full((columns, blocks.shape[1], len(STATISTICS)), np.nan, np.float32)
    ends = column_ends(len(blocks), columns)
    if len(ends):
        least, total, most, count = np.moveaxis(_joined(blocks, np.concatenate([[0], ends[:-1]])), -1, 0)
        mean = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
        found[: len(ends)] = np.stack([least, mean, most], axis=-1)
    return found


def _of_steps(rows: np.ndarray) -> np.ndarray:
    """A block of one step each."""
    known = ~np.isnan(rows)
    return np.stack([rows, np.where(known, rows, 0.0), rows, known], axis=-1)


def _joined(blocks: np.ndarray, begins: Int[np.ndarray, " block"]) -> np.ndarray:
    """One block for those from each beginning to the next."""
    if not len(begins):
        return blocks[:0]
    joined = np.empty((len(begins), *blocks.shape[1:]))
    for part, join in ((LEAST, np.fmin), (SUM, np.add), (MOST, np.fmax), (COUNT, np.add)):
        joined[..., part] = join.reduceat(blocks[..., part], begins)
    return joined


def _widened(array: np.ndarray, numbers: int, fill: float | np.ndarray) -> np.ndarray:
    """With further numbers, which no step has yet."""
    wider = np.empty((len(array), numbers, *array.shape[2:]))
    wider[:] = fill
    wider[:, : array.shape[1]] = array
    return wider
