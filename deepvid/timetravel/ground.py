"""Ground of every form, before it is fitted to an epoch: its points, their graph, and what ties them."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from deepvid.timetravel.contract import Epoch, Fitted
from deepvid.timetravel.graph import Graph, K, Neighbors, among_themselves, graph, shared


class Tie(NamedTuple):
    """Tie of each point of an epoch to the map of the epoch before; nothing ties boundary points."""

    tied: Bool[np.ndarray, " point"]  # whether that map has it
    position: Float[np.ndarray, "point 2"]  # in that map; 0 of the others
    rate: Float[np.ndarray, " point"]  # r = |N(t) ∩ N(t - 1)| / k of its neighbors; 0 of the others


class Ground(NamedTuple):
    """Points are the samples, then the boundary points."""

    points: Float[np.ndarray, "point feature"]  # float32
    nearest: Int[np.ndarray, "sample k"]  # names of the samples' K nearest
    graph: Graph
    tie: Tie


def ground(epoch: Epoch, before: Fitted | None) -> Ground:
    nearest = among_themselves(epoch.features, K)
    names = epoch.sample[nearest.point]
    return Ground(
        np.concatenate([epoch.features, epoch.boundary]).astype(np.float32),
        names,
        graph(epoch.features, epoch.boundary, Neighbors(*(part[:, : K - 1] for part in nearest))),
        tie(epoch, names, before),
    )


def tie(epoch: Epoch, nearest: Int[np.ndarray, "sample k"], before: Fitted | None) -> Tie:
    """Samples are joined by name; so are the `nearest` of each, at most as many as `before` knows."""
    points, k = len(epoch.features) + len(epoch.boundary), nearest.shape[1]
    tied = Tie(np.zeros(points, bool), np.zeros((points, 2), np.float32), np.zeros(points, np.float32))
    if before is not None:
        _, here, there = np.intersect1d(epoch.sample, before.sample, return_indices=True)
        tied.tied[here] = True
        tied.position[here] = before.position[there]
        tied.rate[here] = shared(nearest[here], before.nearest[there, :k]) / k
    return tied


def stayed(fitted: Fitted, before: Fitted | None) -> Int[np.ndarray, " sample"]:
    """|N(t) ∩ N(t - 1)| of each sample's neighbors in the features; 0 of those that are new."""
    count = np.zeros(len(fitted.sample), np.int64)
    if before is not None:
        _, here, there = np.intersect1d(fitted.sample, before.sample, return_indices=True)
        count[here] = shared(fitted.nearest[here], before.nearest[there])
    return count
