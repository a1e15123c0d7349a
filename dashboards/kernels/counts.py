"""What lies under a mask: its confusion counts, and its rows in an order; and the mask of confusion cells."""

import numpy as np
from numba import njit, uint32


def confusion(label: np.ndarray, predicted: np.ndarray, mask: np.ndarray | None, classes: int) -> np.ndarray:
    """Counts int64 (true, predicted) of the rows in `mask` (None: all).

    A negative prediction is an unknown one and is not counted.
    """
    counts = np.zeros((classes, classes), np.int64)
    if mask is None:
        _count(label, predicted, counts)
    else:
        _count_masked(label, predicted, mask, counts)
    return counts


def in_cells(label: np.ndarray, predicted: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """The rows in `cells`, bool (true, predicted): bool (row,). A negative prediction is in none."""
    return _in_cells(label, predicted, cells)


@njit(nogil=True, cache=True)
def kept(rows: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Those of `rows`, int32 (row,), that are in `mask`, in their order: int32 (kept,)."""
    found, count = np.empty_like(rows), 0
    for row in rows:
        found[count] = row
        count += mask[uint32(row)]
    return found[:count]


@njit(nogil=True, cache=True)
def _in_cells(label, predicted, cells):  # type: ignore[no-untyped-def]
    mask = np.empty(len(label), np.bool_)
    for i in range(len(label)):  # unsigned: a signed index may count from the end, and is asked each time
        mask[i] = predicted[i] >= 0 and cells[uint32(label[i]), uint32(predicted[i])]
    return mask


@njit(nogil=True, cache=True)
def _count(label, predicted, counts):  # type: ignore[no-untyped-def]
    for i in range(len(label)):
        if predicted[i] >= 0:
            counts[uint32(label[i]), uint32(predicted[i])] += 1


@njit(nogil=True, cache=True)
def _count_masked(label, predicted, mask, counts):  # type: ignore[no-untyped-def]
    for i in range(len(label)):
        if mask[i] and predicted[i] >= 0:
            counts[uint32(label[i]), uint32(predicted[i])] += 1
