"""Exact nearest neighbors, without the sample itself, and how much two sets of them share."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from sklearn.neighbors import NearestNeighbors


class Neighbors(NamedTuple):
    """Of each query the nearest points, in that order."""

    point: Int[np.ndarray, "query k"]
    distance: Float[np.ndarray, "query k"]  # Euclidean


def among_themselves(points: Float[np.ndarray, "point dimension"], k: int) -> Neighbors:
    """Of each point the `k` nearest others; fewer where there are not that many."""
    k = min(k, len(points) - 1)
    distance, nearest = NearestNeighbors(n_neighbors=k).fit(points).kneighbors()
    return Neighbors(nearest, distance)


def among(
    points: Float[np.ndarray, "point dimension"], queries: Float[np.ndarray, "query dimension"], k: int
) -> Neighbors:
    """Of each query the `k` nearest `points`, none of which is the query itself."""
    distance, nearest = NearestNeighbors(n_neighbors=min(k, len(points))).fit(points).kneighbors(queries)
    return Neighbors(nearest, distance)


def shared(
    first: Int[np.ndarray, "query k"], second: Int[np.ndarray, "query k"]
) -> Int[np.ndarray, " query"]:
    """|A ∩ B| of each query's two lists, neither of which names a point twice."""
    both = np.sort(np.concatenate([first, second], axis=1), axis=1)
    return np.asarray((both[:, 1:] == both[:, :-1]).sum(axis=1))
