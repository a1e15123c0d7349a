"""t-SNE through openTSNE: interpolated (FIt-SNE) or Barnes-Hut in 2-D, Barnes-Hut in 3-D."""

import math
import os

import numpy as np
from jaxtyping import Float
from openTSNE import TSNE
from openTSNE.affinity import Affinities, PerplexityBasedNN
from openTSNE.nearest_neighbors import Annoy, KNNIndex, Sklearn

from deepvid import config
from deepvid.errors import DataError
from deepvid.progress import Progress

EXAGGERATED, FREE = 250, 500  # iterations with and without early exaggeration: openTSNE's defaults
REPORT_EVERY = 10  # iterations
THREADED = 2_000  # samples: with fewer, threads wait for each other longer than they work
ANGLE = 0.7  # of Barnes-Hut: openTSNE's 0.5 takes a quarter longer or more, for 1 to 2 % less divergence
TREES = 20_000  # samples: beyond, Fourier transforms on one core are faster than Barnes-Hut on two
EXACT = 20_000  # samples: up to here neighbors are searched exactly, beyond by Annoy's seeded trees


def tsne(
    settings: config.Projection,
    data: Float[np.ndarray, "sample feature"],
    *,
    seed: int,
    progress: Progress,
) -> Float[np.ndarray, "sample dimension"]:
    """Starts from the principal components; `progress` may cancel every `REPORT_EVERY` iterations.

    Source: Poličar et al. (2024), J. Stat. Softw. 109(3); Linderman et al. (2019), Nat. Methods 16, 243-245.
    Raises `DataError` where 3 x perplexity neighbors are more than the other samples.
    """
    _check(settings.perplexity, len(data))
    progress.update(0, EXAGGERATED + FREE, "finding neighbors")
    jobs = (os.cpu_count() or 1) if len(data) >= THREADED else 1
    model = TSNE(
        n_components=settings.dimensions,
        initialization="pca",
        early_exaggeration_iter=EXAGGERATED,
        n_iter=FREE,
        negative_gradient_method="bh" if settings.dimensions == 3 or len(data) <= TREES else "fft",
        theta=ANGLE,
        n_jobs=jobs,
        callbacks=Report(progress, EXAGGERATED + FREE),
        callbacks_every_iters=REPORT_EVERY,
        random_state=seed,
    )
    return np.asarray(model.fit(data, affinities(data, settings.perplexity, jobs, seed)))


def affinities(
    data: Float[np.ndarray, "sample feature"], perplexity: float, jobs: int, seed: int
) -> Affinities:
    """As openTSNE itself, which imports pynndescent to see whether it is there, and so compiles it."""
    neighbors = neighbor_index(data, math.ceil(3 * perplexity), jobs, seed)
    return PerplexityBasedNN(perplexity=perplexity, knn_index=neighbors, n_jobs=jobs, random_state=seed)


def neighbor_index(data: Float[np.ndarray, "sample feature"], k: int, jobs: int, seed: int) -> KNNIndex:
    """Index that finds the `k` nearest of the samples, once it is built."""
    search = Sklearn if len(data) <= EXACT else Annoy
    return search(data, k, n_jobs=jobs, random_state=seed)


class Report:
    """openTSNE's callback. It counts from 1 in either phase; an exception ends the optimization."""

    def __init__(self, progress: Progress, iterations: int) -> None:
        self._progress, self._iterations = progress, iterations
        self._phases = 0

    def optimization_about_to_start(self) -> None:
        self._phases += 1

    def __call__(self, iteration: int, divergence: float, embedding: np.ndarray) -> bool:
        done = iteration + EXAGGERATED * (self._phases - 1)
        self._progress.update(done, self._iterations, f"divergence {divergence:.2f}")
        return False


def _check(perplexity: float, samples: int) -> None:
    if 3 * perplexity > samples - 1:
        raise DataError(
            "t-SNE looks at 3 x perplexity neighbors of every sample",
            f"perplexity {perplexity:g} with {samples} samples",
            f"Set the projection's perplexity to at most {max(1, (samples - 1) // 3)}, or use more samples",
        )
