"""Whether samples keep their neighbors, and the boundary next to them, from the features to the map."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from deepvid.timetravel.measures.score import Score, mean_score
from deepvid.timetravel.neighbors import among, among_themselves, shared


class SharedNeighbors(NamedTuple):
    """How many of its nearest in the features a sample has among its nearest on the map."""

    shared: Int[np.ndarray, " sample"]  # |N_k(h) ∩ N_k(y)|
    published: float  # the mean over all samples, each of them its own first neighbor
    k: int

    @property
    def chance(self) -> float:
        return self.k**2 / (len(self.shared) - 1)


def shared_neighbors(
    features: Float[np.ndarray, "sample feature"], position: Float[np.ndarray, "sample 2"], *, k: int = 15
) -> SharedNeighbors:
    """Neighbors are sought among all samples.

    Source of the published variant: Yang et al. (2022), `evaluate.evaluate_proj_nn_perseverance_knn` of its
    code.
    """
    in_features, on_map = (among_themselves(points, k).point for points in (features, position))
    published = 1 + shared(in_features[:, : k - 1], on_map[:, : k - 1]).mean()
    return SharedNeighbors(shared(in_features, on_map), float(published), k)


def nn(counted: SharedNeighbors, *, rows: Int[np.ndarray, " row"] | None = None, seed: int) -> Score:
    """nn@k: mean over samples of |N_k(h) ∩ N_k(y)|, in [0, k]. Chance is k² / (N - 1).

    The published variant counts each sample as its own first neighbor, so that it is 1 at least, and takes
    the mean over all samples, training and test, where it says test.
    """
    values, chance = counted.shared.astype(float), counted.chance
    return mean_score(values, rows=rows, chance=chance, published=counted.published, seed=seed)


def bound(
    features: Float[np.ndarray, "sample feature"],
    position: Float[np.ndarray, "sample 2"],
    boundary: Float[np.ndarray, "boundary feature"],
    boundary_position: Float[np.ndarray, "boundary 2"],
    *,
    rows: Int[np.ndarray, " row"] | None = None,
    k: int = 15,
    seed: int,
) -> Score:
    """bound@k: mean over samples of |B_k(h) ∩ B_k(y)|, in [0, k]; B_k: the nearest boundary points.

    With boundary points that the map was fitted to it also scores how they were sampled: measure it with
    others, too. The published variant takes the mean over all samples. Chance is k² / B.
    """
    in_features, on_map = among(boundary, features, k).point, among(boundary_position, position, k).point
    count = shared(in_features, on_map).astype(float)
    chance = k**2 / len(boundary)
    return mean_score(count, rows=rows, chance=chance, published=float(count.mean()), seed=seed)
