"""Counts under a mask: its confusion, and its rows in an order; and the mask of confusion cells.

A row's confusion cell is one small number, for reading memory is what these kernels spend their time on.
"""

import numpy as np
from numba import njit, uint32

from deepvid.errors import DataError

_WORD = 8  # rows of a mask that are looked at together


def cells(label: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """The confusion cell of each row: true * classes + predicted, in the smallest unsigned type (row,).

    A negative prediction is an unknown one, in cell classes * classes.
    """
    unknown = classes * classes
    return np.where(predicted < 0, unknown, label * classes + predicted).astype(np.min_scalar_type(unknown))


def confusion(cell: np.ndarray, mask: np.ndarray | None, classes: int) -> np.ndarray:
    """Counts int64 (true, predicted) of the rows in `mask` (None: all) whose prediction is known."""
    return tally(cell, mask, classes * classes + 1)[:-1].reshape(classes, classes)


def tally(group: np.ndarray, mask: np.ndarray | None, groups: int) -> np.ndarray:
    """How many rows of `mask` (None: all) are in each group: int64 (group,)."""
    counts = np.zeros(groups, np.int64)
    if mask is None:
        _count(group, counts)
    else:
        require_rows(mask, len(group))
        _count_masked(group, mask, mask[: len(mask) // _WORD * _WORD].view(np.uint64), counts)
    return counts


def in_cells(cell: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The rows in the cells that are `chosen`, bool (true, predicted): bool (row,)."""
    wanted = np.flatnonzero(chosen)
    if len(wanted) == 1:  # eight times as fast
        return cell == int(wanted[0])
    return _in_cells(cell, np.append(chosen, False))


def overlap(first: np.ndarray, second: np.ndarray) -> int:
    """How many rows are in both masks."""
    require_rows(second, len(first))
    return int(_overlap(first, second))


def rows_in_mask(rows: np.ndarray, mask: np.ndarray, table_rows: int) -> np.ndarray:
    """Those of `rows`, int32 (row,) of a table, that are in `mask`, in their order: int32 (kept,)."""
    require_rows(mask, table_rows)
    return _kept(rows, mask)


def require_rows(mask: np.ndarray, rows: int) -> None:
    """Raises ValueError for the mask of another table: compiled code would read and write beyond its end."""
    if len(mask) != rows:
        raise ValueError(f"a mask of {len(mask)} rows for a table of {rows}")


def require_classes(classes: int, *indices: np.ndarray) -> None:
    """Raises DataError for the index of a class that is none, as compiled code would write beyond its end."""
    for found in indices:
        low, high = found.min(initial=0), found.max(initial=0)
        if not 0 <= low <= high < classes:
            raise DataError(
                f"A run of {classes:,} classes has no other one",
                f"class {low if low < 0 else high}",
                "Verify the run: deepvid verify RUN",
            )


@njit(nogil=True, cache=True)
def _overlap(first, second):  # type: ignore[no-untyped-def]
    count = 0
    for row in range(len(first)):
        count += first[row] & second[row]
    return count


@njit(nogil=True, cache=True)
def _kept(rows, mask):  # type: ignore[no-untyped-def]
    inside, count = np.empty_like(rows), 0
    for row in rows:
        inside[count] = row
        count += mask[uint32(row)]
    return inside[:count]


@njit(nogil=True, cache=True)
def _in_cells(cell, chosen):  # type: ignore[no-untyped-def]
    mask = np.empty(len(cell), np.bool_)
    for row in range(len(cell)):
        mask[row] = chosen[cell[row]]
    return mask


@njit(nogil=True, cache=True)
def _count(cell, counts):  # type: ignore[no-untyped-def]
    for index in cell:
        counts[index] += 1


@njit(nogil=True, cache=True)
def _count_masked(cell, mask, words, counts):  # type: ignore[no-untyped-def]
    for word in range(len(words)):
        if words[word]:  # most are not: what is selected lies together, for rows are sorted by tile
            for row in range(word * _WORD, (word + 1) * _WORD):
                counts[cell[row]] += mask[row]
    for row in range(len(words) * _WORD, len(cell)):
        counts[cell[row]] += mask[row]
