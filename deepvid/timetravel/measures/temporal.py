"""Whether samples move on the map as they move in the features, from epoch to epoch."""

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from scipy.stats import rankdata

from deepvid.neighbors import k_smallest
from deepvid.timetravel.contract import Fitted
from deepvid.timetravel.graph import shared
from deepvid.timetravel.measures.preservation import Score, mean_score


class Followed(NamedTuple):
    """The samples that have a position in every epoch."""

    sample: Int[np.ndarray, " sample"]
    position: Float[np.ndarray, "epoch sample 2"]
    nearest: Int[np.ndarray, "epoch sample k"]


def followed(maps: Sequence[Fitted]) -> Followed:
    """Samples are joined by name."""
    sample = reduce(np.intersect1d, [fitted.sample for fitted in maps])
    rows = [np.argsort(fitted.sample)[np.searchsorted(np.sort(fitted.sample), sample)] for fitted in maps]
    both = list(zip(maps, rows, strict=True))
    return Followed(
        sample,
        np.stack([fitted.position[at] for fitted, at in both]),
        np.stack([fitted.nearest[at] for fitted, at in both]),
    )


def temporal(maps: Sequence[Fitted], *, seed: int) -> Score:
    """P4: mean over samples of Pearson's correlation over epochs of r_t with |y_t - y_(t-1)|; -1 is best.

    r_t is the share of a sample's neighbors in the features that it has kept. A map that hardly moves reaches
    much, too: it says nothing without nn. Displacements are in the map's radius, samples without a
    correlation are left out, and at least three epochs are needed. Chance is 0.
    The published variant counts a sample as its own neighbor, takes displacements as they are, and counts 0
    where there is no correlation.
    """
    samples = followed(maps)
    k = samples.nearest.shape[2]
    moved = displacements(samples.position)
    distance = np.linalg.norm(np.diff(samples.position, axis=0), axis=2)
    pairs = list(zip(samples.nearest[:-1], samples.nearest[1:], strict=True))
    rate = np.array([shared(*pair) / k for pair in pairs])
    with_self = np.array([(1 + shared(a[:, : k - 1], b[:, : k - 1])) / k for a, b in pairs])
    if len(maps) < 3:
        return following(rate, moved, published=np.nan, seed=seed)
    published = float(np.nan_to_num(correlation(with_self, distance)).mean())
    return following(rate, moved, published=published, seed=seed)


def following(
    rate: Float[np.ndarray, "step sample"],
    moved: Float[np.ndarray, "step sample"],
    *,
    published: float,
    seed: int,
) -> Score:
    """P4 of rates r_t and of displacements in the map's radius, as `temporal` has them of maps."""
    if len(rate) < 2:
        return mean_score(np.zeros(0), chance=0, published=published, seed=seed)
    return mean_score(correlation(rate, moved), chance=0, published=published, seed=seed)


def movement(maps: Sequence[Fitted]) -> float:
    """The median displacement of a sample from one epoch to the next, in the map's radius."""
    return float(np.median(displacements(followed(maps).position)))


def displacements(position: Float[np.ndarray, "epoch sample 2"]) -> Float[np.ndarray, "step sample"]:
    """|y_t - y_(t-1)| in the radius of the map at t, the root mean square distance to its middle.

    nan of samples that one of both epochs has not.
    """
    centered = position - np.nanmean(position, axis=1, keepdims=True)
    radius = np.sqrt(np.nanmean((centered**2).sum(axis=2), axis=1))
    return np.linalg.norm(np.diff(position, axis=0), axis=2) / radius[1:, None]


def correlation(
    first: Float[np.ndarray, "time sample"], second: Float[np.ndarray, "time sample"]
) -> Float[np.ndarray, " sample"]:
    """Pearson's of each sample over time; nan where one of both is constant."""
    a, b = first - first.mean(axis=0), second - second.mean(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((a * b).sum(axis=0) / np.sqrt((a * a).sum(axis=0) * (b * b).sum(axis=0)))


def temporal_nn(
    features: Float[np.ndarray, "epoch sample feature"],
    position: Float[np.ndarray, "epoch sample 2"],
    *,
    k: int,
    seed: int,
) -> Score:
    """Mean over samples and epochs of |E_k(h) ∩ E_k(y)|, E_k the epochs when it was nearest to itself.

    Chance is k² / (T - 1). In the published variant the first epoch is always one of both.
    """
    far = [_between_epochs(points) for points in (features, position)]
    count = np.mean(
        [shared(*(k_smallest(row, k) for row in rows)) for rows in zip(*far, strict=True)], axis=0
    )
    for distance in far:
        distance[1:, :, 0] = 0  # the published code leaves the first epoch's distance out
    published = np.mean([shared(*(k_smallest(row, k) for row in rows)) for rows in zip(*far, strict=True)])
    chance = k**2 / (len(features) - 1)
    return mean_score(count, chance=chance, published=float(published), seed=seed)


def rank_correlation(
    features: Float[np.ndarray, "epoch sample feature"],
    position: Float[np.ndarray, "epoch sample 2"],
    *,
    seed: int,
) -> Score:
    """Mean over samples and epochs e of Spearman's correlation of distances to e in features and on the map.

    The published variant counts e itself, at distance 0 in both. Chance is 0.
    """
    far = [_between_epochs(points) for points in (features, position)]
    with_self = [np.where(np.isinf(distance), 0, distance) for distance in far]
    epochs = range(len(features))
    values = [_spearman(*(np.delete(distance[e], e, axis=1) for distance in with_self)) for e in epochs]
    published = [_spearman(*(distance[e] for distance in with_self)) for e in epochs]
    return mean_score(np.nanmean(values, axis=0), chance=0, published=float(np.nanmean(published)), seed=seed)


def _between_epochs(
    points: Float[np.ndarray, "epoch sample axis"],
) -> Float[np.ndarray, "epoch sample other"]:
    """How far each sample is at every other epoch; infinite at the same one."""
    far = np.stack([np.linalg.norm(points - there, axis=2).T for there in points])
    own = np.arange(len(points))
    far[own, :, own] = np.inf
    return far


def _spearman(
    first: Float[np.ndarray, "sample other"], second: Float[np.ndarray, "sample other"]
) -> Float[np.ndarray, " sample"]:
    return correlation(rankdata(first, axis=1).T, rankdata(second, axis=1).T)
