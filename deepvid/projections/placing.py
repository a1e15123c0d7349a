"""New samples on a map that others made: where they would lie among them.

Source: Poličar et al. (2023), Mach. Learn. 112, 721-740, for t-SNE. Exact for PCA, approximate otherwise.
"""

import os
from typing import Protocol

import numpy as np
from jaxtyping import Float
from openTSNE import TSNEEmbedding

from deepvid import config
from deepvid.config import names
from deepvid.progress import SILENT, Progress
from deepvid.projections.pca import reducer
from deepvid.projections.tsne import ANGLE, REPORT_EVERY, TREES, Report, affinities, neighbor_index

ITERATIONS = 100  # of t-SNE; openTSNE's 250 move no sample much farther
PERPLEXITY = 5  # of a new sample, as openTSNE's: more would draw it to the middle of a cluster
NEAREST = 5  # samples that tell where a new one lies on a UMAP


class Placer(Protocol):
    """The same samples get the same bytes; none of them moves another, or a sample of the map."""

    def __call__(
        self, data: Float[np.ndarray, "new feature"], /, *, progress: Progress = SILENT
    ) -> Float[np.ndarray, "new dimension"]: ...


class Method(Protocol):
    """Makes a placer for a map. Its data are no wider than `pca.WIDE` columns."""

    def __call__(
        self,
        settings: config.Projection,
        data: Float[np.ndarray, "sample feature"],
        position: Float[np.ndarray, "sample dimension"],
        *,
        seed: int,
    ) -> Placer: ...


def placer(
    settings: config.Projection,
    data: Float[np.ndarray, "sample feature"],
    position: Float[np.ndarray, "sample dimension"],
    *,
    seed: int,
) -> Placer:
    """The function that places new samples on the map that `project` made of `data` with these settings.

    Making it searches the neighbors of all samples; to place a hundred takes a fraction of that.
    """
    data = np.ascontiguousarray(data, np.float32)
    narrow = reducer(data, seed=seed)
    place = PLACERS[settings.method](settings, narrow(data), np.asarray(position, np.float64), seed=seed)

    def placed(
        new: Float[np.ndarray, "new feature"], *, progress: Progress = SILENT
    ) -> Float[np.ndarray, "new dimension"]:
        rows = narrow(np.ascontiguousarray(new, np.float32))
        return np.ascontiguousarray(place(rows, progress=progress), np.float32)

    return placed


def _pca(settings: config.Projection, data: np.ndarray, position: np.ndarray, *, seed: int) -> Placer:
    """x -> (x - mean) W, with W = argmin |(X - mean) W - Y|: the map is linear in its data."""
    middle = data.mean(axis=0, dtype=np.float64)
    weights = np.linalg.lstsq(data - middle, position, rcond=None)[0]
    return lambda new, *, progress=SILENT: (new - middle) @ weights


def _tsne(settings: config.Projection, data: np.ndarray, position: np.ndarray, *, seed: int) -> Placer:
    """Each new sample begins at the median of its nearest, and moves down the map's own gradient."""
    middle = (position.max(axis=0) + position.min(axis=0)) / 2  # the grid of Fourier transforms is around 0
    embedding = TSNEEmbedding(
        position - middle,
        affinities(data, settings.perplexity, _jobs(), seed),
        negative_gradient_method="bh" if settings.dimensions == 3 or len(data) <= TREES else "fft",
        theta=ANGLE,
        n_jobs=1,  # sums in one order
        random_state=seed,
    )

    def place(new: np.ndarray, *, progress: Progress = SILENT) -> np.ndarray:
        progress.update(0, ITERATIONS, "finding neighbors")
        part = embedding.prepare_partial(new, initialization="median", perplexity=PERPLEXITY)
        part.optimize(
            n_iter=ITERATIONS,
            learning_rate=0.1,
            exaggeration=1.5,
            momentum=0.8,
            max_grad_norm=0.25,
            inplace=True,
            callbacks=Report(progress, ITERATIONS),
            callbacks_every_iters=REPORT_EVERY,
        )
        return np.asarray(part) + middle

    return place


def _umap(settings: config.Projection, data: np.ndarray, position: np.ndarray, *, seed: int) -> Placer:
    """The median of the `NEAREST` samples: what UMAP itself would refine from needs the fitted model."""
    nearest = min(NEAREST, len(data) - 1)
    index = neighbor_index(data, nearest, _jobs(), seed)
    index.build()

    def place(new: np.ndarray, *, progress: Progress = SILENT) -> np.ndarray:
        progress.update(0, 1, "finding neighbors")
        found, _ = index.query(new, nearest)
        return np.median(position[found], axis=1)

    return place


def _jobs() -> int:
    return os.cpu_count() or 1


PLACERS: dict[names.ProjectionMethod, Method] = {"tsne": _tsne, "pca": _pca, "umap": _umap}
"""Name -> method, for every name of `PROJECTIONS`."""
