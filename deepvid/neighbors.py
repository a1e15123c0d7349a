"""Exact nearest neighbors by Euclidean distance; of those as far as each other the first come first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deepvid.progress import SILENT, Progress

if TYPE_CHECKING:
    from jaxtyping import Float, Int

BLOCK = 1000  # queries whose distances are held at once,
BYTES = 1 << 28  # or fewer, of which they take so many


def nearest(
    points: Float[np.ndarray, "point component"],
    queries: Float[np.ndarray, "query component"],
    k: int,
    *,
    own: Int[np.ndarray, " query"] | None = None,
    progress: Progress = SILENT,
) -> Int[np.ndarray, "query k"]:
    """Of each query its `k` nearest points, the nearest first; of few points all.

    `own` is the point that a query is itself, which is none of its neighbors; -1: it is none of the points.
    """
    k = min(k, len(points) - (own is not None))
    lengths = (points**2).sum(axis=1)
    found = np.empty((len(queries), k), np.int64)
    block = min(BLOCK, max(1, BYTES // max(1, lengths.nbytes)))
    for begin in range(0, len(queries), block):
        progress.update(begin, len(queries), "neighbors")
        rows = slice(begin, begin + block)
        distances = lengths - 2 * queries[rows] @ points.T  # but for what all points of a query have alike
        if own is not None:
            (themselves,) = np.nonzero(own[rows] >= 0)
            distances[themselves, own[rows][themselves]] = np.inf
        found[rows] = k_smallest(distances, k)
    return found


def k_smallest(values: Float[np.ndarray, "row column"], k: int) -> Int[np.ndarray, "row k"]:
    """Of each row the columns of its `k` smallest values, ascending; of few columns all.

    Equal values stand in the order of their columns, as a stable sort of the whole row leaves them.
    """
    if k >= values.shape[1]:
        return values.argsort(axis=1, kind="stable")
    if k < 1:
        return np.empty((len(values), 0), np.int64)
    smallest = np.argpartition(values, (k - 1, k), axis=1)[:, : k + 1]
    largest, next_one = np.take_along_axis(values, smallest[:, k - 1 :], axis=1).T
    columns = np.sort(smallest[:, :k], axis=1)
    chosen = np.take_along_axis(values, columns, axis=1)
    found = np.take_along_axis(columns, chosen.argsort(axis=1, kind="stable"), axis=1)
    for row in np.flatnonzero(largest == next_one):  # of the equal ones argpartition took any
        smaller = np.count_nonzero(chosen[row] < largest[row])
        found[row, smaller:] = np.flatnonzero(values[row] == largest[row])[: k - smaller]
    return found
