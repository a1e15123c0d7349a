"""Whether samples keep on the map what they have in the features: neighbors, boundary points, their class."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from scipy.special import softmax

from deepvid.statistics import bootstrap_mean, wilson
from deepvid.timetravel.graph import among, among_themselves, shared


class Score(NamedTuple):
    """The mean of a measure over samples, with its 95 % interval; nan where there are none."""

    value: float
    low: float
    high: float
    chance: float  # what a map that knows nothing of the features would reach
    number: int  # samples
    published: float  # the same as the code of DVI computes it: for its published numbers alone


def mean_score(
    values: Float[np.ndarray, " sample"],
    *,
    chance: float,
    published: float,
    seed: int,
    rows: Int[np.ndarray, " row"] | None = None,
) -> Score:
    """Of the samples in `rows`, or of all. Samples without a value (nan) are left out."""
    of_rows = values if rows is None else values[rows]
    known = of_rows[~np.isnan(of_rows)]
    if not len(known):
        return Score(np.nan, np.nan, np.nan, chance, 0, published)
    return Score(*bootstrap_mean(known, seed=seed), chance, len(known), published)


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


def ppr(
    logits: Float[np.ndarray, "sample class"],
    decoded: Float[np.ndarray, "sample class"],
    *,
    rows: Int[np.ndarray, " row"] | None = None,
) -> Score:
    """PPR: the share of samples that are predicted alike after the way to the map and back; 1 is best.

    `decoded` are the logits of the inverted positions. Chance is Σ_c P(c) P'(c). The published variant takes
    the mean over all samples.
    """
    predicted, again = logits.argmax(axis=1), decoded.argmax(axis=1)
    alike = predicted == again
    of_rows = alike if rows is None else alike[rows]
    classes = logits.shape[1]
    shares = [np.bincount(labels, minlength=classes) / len(labels) for labels in (predicted, again)]
    interval = wilson(int(of_rows.sum()), len(of_rows))
    return Score(*interval, float(shares[0] @ shares[1]), len(of_rows), float(alike.mean()))


def ccr(
    logits: Float[np.ndarray, "sample class"],
    decoded: Float[np.ndarray, "sample class"],
    *,
    rows: Int[np.ndarray, " row"] | None = None,
    seed: int,
) -> Score:
    """CCR: mean |p_c(h) - p_c(h')| of each sample's predicted class c, in [0, 1]; 0 is best.

    Chance is the same with another sample's h', drawn at random. The published variant takes the mean over
    all samples.
    """
    probability, again = softmax(logits, axis=1), softmax(decoded, axis=1)
    sample, predicted = np.arange(len(logits)), logits.argmax(axis=1)
    changed = np.abs(probability[sample, predicted] - again[sample, predicted])
    other = np.random.default_rng(seed).permutation(len(logits))
    chance = np.abs(probability[sample, predicted] - again[other, predicted]).mean()
    return mean_score(changed, rows=rows, chance=float(chance), published=float(changed.mean()), seed=seed)
