"""How far a map keeps the neighborhoods of its data, each measure with its interval and chance level."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, Self

import numpy as np
from jaxtyping import Float, Int

from deepvid.cores import one_thread_each
from deepvid.errors import DataError
from deepvid.neighbors import k_smallest
from deepvid.progress import SILENT, Progress
from deepvid.statistics import bootstrap_mean

CHUNK = 100  # rows of a distance matrix that a thread holds at once
THREADS = 8  # at most: each holds some 200 MB of 70,000 samples
MOST_ROWS = 10_000  # of larger maps, neighborhoods of a random subset are measured, still among all samples


class Measure(NamedTuple):
    """One share in [0, 1], its 95 % interval over samples, and what random positions would reach."""

    value: float
    low: float
    high: float
    chance: float


class Quality(NamedTuple):
    """The measures of a map, and per sample what its neighborhood hit is the mean of.

    A hit is the share of a sample's neighbors with its label, nan where it was not measured. Maps of the same
    samples under one seed measure the same samples: their hits are pairs. Without labels there are none.
    """

    measures: dict[str, Measure]
    hit: Float[np.ndarray, " sample"] | None  # on the map
    data_hit: Float[np.ndarray, " sample"] | None  # in the data itself

    @property
    def hits(self) -> dict[str, Float[np.ndarray, " sample"]]:
        """Those that there are, by their names."""
        return {name: hit for name in ("hit", "data_hit") if (hit := getattr(self, name)) is not None}


class Neighborhoods(NamedTuple):
    """Of some rows of one space: the nearest samples, and at what rank the other space has them."""

    nearest: Int[np.ndarray, "row k"]  # without the row itself, nearest first
    rank: Int[np.ndarray, "row k"]  # in the other space; 1 is its nearest


def quality(
    data: Float[np.ndarray, "sample feature"],
    position: Float[np.ndarray, "sample dimension"],
    labels: Int[np.ndarray, " sample"] | None,
    *,
    k: int = 15,
    seed: int,
    progress: Progress = SILENT,
) -> Quality:
    """neighborhood_hit (where there are labels), trustworthiness, continuity and knn_preservation at `k`
    neighbors.

    Neighbors are exact, Euclidean and without the sample itself. Intervals are bootstraps over samples.
    Sources: Venna and Kaski (2001), ICANN 485-491; Paulovich et al. (2008), IEEE TVCG 14(3), 564-575.
    At k = 0, all that two samples have, nothing is measured.
    Raises `DataError` unless k < samples / 2, where trustworthiness is defined.
    """
    samples = len(data)
    if k == 0:
        return Quality({}, None, None)
    if 2 * k >= samples:
        raise DataError(
            "Neighborhoods of a map are measured at fewer neighbors than half its samples",
            f"{k} neighbors with {samples} samples",
            f"Project at least {2 * k + 1} samples",
        )
    rows = measured_rows(samples, seed=seed)
    on_map, in_data = neighborhoods(data, position, rows, k, progress=progress)
    hit = data_hit = None
    of_labels = {}
    if labels is not None:
        hit, data_hit = (hits(np.asarray(labels), rows, space.nearest) for space in (on_map, in_data))
        of_labels = {"neighborhood_hit": (hit[rows], chance_hit(np.asarray(labels)))}
    values = {
        **of_labels,
        "trustworthiness": (rank_score(on_map.rank, samples), chance_rank_score(k, samples)),
        "continuity": (rank_score(in_data.rank, samples), chance_rank_score(k, samples)),
        # A random sample is one of the k nearest of n - 1 with probability k / (n - 1).
        "knn_preservation": ((on_map.rank <= k).mean(axis=1), k / (samples - 1)),
    }
    measures = {
        name: Measure(*bootstrap_mean(value, seed=seed), chance) for name, (value, chance) in values.items()
    }
    return Quality(measures, hit, data_hit)


def hits(
    labels: Int[np.ndarray, " sample"], rows: Int[np.ndarray, " row"], nearest: Int[np.ndarray, "row k"]
) -> Float[np.ndarray, " sample"]:
    """float32: the share of each row's `nearest` samples that have its label; nan of other samples."""
    share = np.full(len(labels), np.nan, np.float32)
    share[rows] = (labels[nearest] == labels[rows, None]).mean(axis=1)
    return share


def rank_score(rank: Int[np.ndarray, "row k"], samples: int) -> Float[np.ndarray, " row"]:
    """Each row's share of trustworthiness: 1, less what ranks beyond k in the other space cost.

    Its mean is 1 - 2 / (n k (2n - 3k - 1)) sum of max(0, rank - k).
    """
    k = rank.shape[1]
    return 1 - 2 / (k * (2 * samples - 3 * k - 1)) * np.maximum(0, rank - k).sum(axis=1)


def chance_rank_score(k: int, samples: int) -> float:
    """The mean of `rank_score` when ranks are random.

    A random rank is uniform on 1 ... n - 1, so max(0, rank - k) is (n - 1 - k)(n - k) / (2 (n - 1)) on
    average, k times a row. For many samples the score is near 1/2.
    """
    n = samples
    return 1 - (n - 1 - k) * (n - k) / ((n - 1) * (2 * n - 3 * k - 1))


def chance_hit(labels: Int[np.ndarray, " sample"]) -> float:
    """The chance that another sample, drawn at random, has a sample's label."""
    counts = np.unique(labels, return_counts=True)[1].astype(np.float64)
    n = len(labels)
    return float((counts * (counts - 1)).sum() / (n * (n - 1)))


def measured_rows(samples: int, *, seed: int) -> Int[np.ndarray, " row"]:
    if samples <= MOST_ROWS:
        return np.arange(samples)
    return np.sort(np.random.default_rng(seed).choice(samples, MOST_ROWS, replace=False))


class Space(NamedTuple):
    """Where distances are measured."""

    points: Float[np.ndarray, "sample dimension"]  # around their mean: less to cancel
    squared: Float[np.ndarray, " sample"]

    @classmethod
    def of(cls, points: Float[np.ndarray, "sample dimension"]) -> Self:
        points = points - points.mean(axis=0)
        return cls(points, np.einsum("ij,ij->i", points, points))

    def distances(self, rows: Int[np.ndarray, " row"]) -> Float[np.ndarray, "row sample"]:
        """Squared, in the precision of the points. A sample is not its own neighbor."""
        far = self.squared - 2 * self.points[rows] @ self.points.T + self.squared[rows, None]
        far[np.arange(len(rows)), rows] = np.inf
        return far


def neighborhoods(
    data: np.ndarray, position: np.ndarray, rows: np.ndarray, k: int, *, progress: Progress = SILENT
) -> tuple[Neighborhoods, Neighborhoods]:
    """Of `rows`: what is near on the map with its ranks in the data, and the other way round."""
    # Positions in float64: on a wide map the nearest neighbors' distances cancel in float32.
    on_map, in_data = Space.of(position.astype(np.float64)), Space.of(data)

    def measured(begin: int) -> tuple[Neighborhoods, Neighborhoods]:
        chunk = rows[begin : begin + CHUNK]
        here, there = on_map.distances(chunk), in_data.distances(chunk)
        return _neighborhoods(here, there, k), _neighborhoods(there, here, k)

    begins, chunks = range(0, len(rows), CHUNK), []
    with one_thread_each(), ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1)) as pool:
        try:
            for begin, both in zip(begins, pool.map(measured, begins), strict=True):
                progress.update(begin, len(rows), "measuring the map")
                chunks.append(both)
        finally:
            pool.shutdown(cancel_futures=True)
    near_on_map, near_in_data = zip(*chunks, strict=True)
    return _joined(near_on_map), _joined(near_in_data)


def _joined(parts: Sequence[Neighborhoods]) -> Neighborhoods:
    return Neighborhoods(*map(np.concatenate, zip(*parts, strict=True)))


def _neighborhoods(here: np.ndarray, there: np.ndarray, k: int) -> Neighborhoods:
    """From distances (row, sample) in two spaces. Equally far samples share the best of their ranks."""
    nearest = k_smallest(here, k)
    wanted = np.take_along_axis(there, nearest, axis=1)
    # For each of a few neighbors counting who is nearer is faster than sorting all.
    nearer = [np.count_nonzero(there < far[:, None], axis=1) for far in wanted.T]
    return Neighborhoods(nearest, np.stack(nearer, axis=1) + 1)
