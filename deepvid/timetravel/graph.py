"""Exact nearest neighbors, and the graphs that a map follows: fuzzy complexes of samples and of the boundary.

Sources: McInnes et al. (2018), arXiv 1802.03426, section 3; Yang et al. (2022), AAAI 36, 5359-5366 (DVI).
"""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
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


K = 15  # neighbors as UMAP counts them, with the point itself
BISECTIONS = 64  # of σ: umap-learn's limit
NARROWEST = 1e-3  # σ as a share of the mean distance, at least: umap-learn's MIN_K_DIST_SCALE
PUBLISHED_EDGE = 0.1  # the weakest that the published drawing repeats: the same ten times as its strongest


class Edges(NamedTuple):
    """A weighted undirected graph; each edge stands in both directions."""

    head: Int[np.ndarray, " edge"]
    tail: Int[np.ndarray, " edge"]
    weight: Float[np.ndarray, " edge"]  # in (0, 1]


class Graph(NamedTuple):
    """Points are numbered through: the samples first, then the boundary points."""

    samples: Edges
    boundary: Edges  # to boundary points, from samples and from boundary points


class Drawn(NamedTuple):
    """The ends of edges, one row a step of training."""

    head: Int[np.ndarray, "step edge"]
    tail: Int[np.ndarray, "step edge"]


def graph(
    features: Float[np.ndarray, "sample feature"],
    boundary: Float[np.ndarray, "boundary feature"],
    nearest: Neighbors | None = None,
) -> Graph:
    """Both complexes of C.3; `nearest` are the samples' K - 1 nearest others, where they are known.

    In the boundary complex every point's neighbors are boundary points. Of one boundary point or none there
    is none.
    """
    nearest = nearest or among_themselves(features, K - 1)
    points = len(features) + len(boundary)
    of_samples = fuzzy_complex(nearest, points)
    if len(boundary) < 2:
        nothing = np.zeros(0, np.int64)
        return Graph(of_samples, Edges(nothing, nothing, np.zeros(0)))
    of_boundary = among_themselves(boundary, K - 1)
    of_all = among(boundary, features, of_boundary.point.shape[1])
    to_boundary = Neighbors(*map(np.concatenate, zip(of_all, of_boundary, strict=True)))
    numbered = to_boundary._replace(point=to_boundary.point + len(features))
    return Graph(of_samples, fuzzy_complex(numbered, points))


def fuzzy_complex(nearest: Neighbors, points: int) -> Edges:
    """w = a + aᵀ - a aᵀ of the memberships a; the queries of `nearest` are the first of all `points`."""
    queries, k = nearest.point.shape
    head = np.repeat(np.arange(queries), k)
    entries = (memberships(nearest.distance).ravel(), (head, nearest.point.ravel()))
    one_way = sp.csr_matrix(entries, (points, points))
    union = (one_way + one_way.T - one_way.multiply(one_way.T)).tocoo()
    return Edges(union.row.astype(np.int64), union.col.astype(np.int64), union.data)


def memberships(distance: Float[np.ndarray, "query k"]) -> Float[np.ndarray, "query k"]:
    """a = exp(-max(0, d - ρ) / σ) with Σ a = log₂(k + 1), ρ the nearest distance that is not zero.

    The logarithm and the least σ count the point itself among its neighbors, as umap-learn does, which ends
    each bisection 1e-5 from the sum: so far its weights lie from these, some 2e-6 each.
    """
    k = distance.shape[1]
    target = np.log2(k + 1)
    positive = np.where(distance > 0, distance, np.inf).min(axis=1, keepdims=True)
    rho = np.where(np.isfinite(positive), positive, 0)
    beyond = np.maximum(distance - rho, 0)
    low, high = np.zeros_like(rho), np.full_like(rho, np.inf)
    sigma = np.ones_like(rho)
    for _ in range(BISECTIONS):
        wide = np.exp(-beyond / sigma).sum(axis=1, keepdims=True) > target
        low, high = np.where(wide, low, sigma), np.where(wide, sigma, high)
        sigma = np.where(np.isinf(high), 2 * sigma, (low + high) / 2)
    with_self = k / (k + 1)
    mean = np.where(rho > 0, distance.mean(axis=1, keepdims=True), distance.mean()) * with_self
    least = np.maximum(NARROWEST * mean, np.finfo(np.float64).tiny)  # of all equal points the mean is 0
    return np.exp(-beyond / np.maximum(sigma, least))


def weakened(edges: Edges, predicted: Int[np.ndarray, " point"], factor: float) -> Edges:
    """Edges between differently predicted points keep `factor` of their weight: regions come apart."""
    alike = predicted[edges.head] == predicted[edges.tail]
    return edges._replace(weight=np.where(alike, edges.weight, factor * edges.weight))


def draw(graph: Graph, steps: int, batch: int, *, boundary_share: float, rng: np.random.Generator) -> Drawn:
    """Edges in proportion to their weight; `boundary_share` of them are the boundary's, if it has any."""
    of_boundary = rng.random(steps * batch) < (boundary_share if len(graph.boundary.weight) else 0)
    head, tail = np.empty((2, steps * batch), np.int32)
    for edges, rows in ((graph.samples, ~of_boundary), (graph.boundary, of_boundary)):
        drawn = by_weight(edges.weight, int(rows.sum()), rng)
        head[rows], tail[rows] = edges.head[drawn], edges.tail[drawn]
    return Drawn(head.reshape(steps, batch), tail.reshape(steps, batch))


def by_weight(weight: Float[np.ndarray, " edge"], number: int, rng: np.random.Generator) -> np.ndarray:
    """`number` edges (number,), each drawn with a probability in proportion to its weight."""
    if number == 0:
        return np.zeros(0, np.int64)
    upto = np.cumsum(weight)
    return np.searchsorted(upto, rng.random(number) * upto[-1], side="right").clip(0, len(weight) - 1)


def repeated_as_published(graph: Graph) -> Edges:
    """Every edge round(w_max / w) times: the published code takes the interval between draws for their count.

    So the weakest edges are drawn most. Both complexes are pooled, and weights under a tenth left out.
    """
    pooled = Edges(*map(np.concatenate, zip(graph.samples, graph.boundary, strict=True)))
    kept = Edges(*(part[pooled.weight > PUBLISHED_EDGE * pooled.weight.max()] for part in pooled))
    times = np.round(kept.weight.max() / kept.weight).astype(int)
    return Edges(*(np.repeat(part, times) for part in kept))
