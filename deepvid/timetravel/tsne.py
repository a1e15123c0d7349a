"""t-SNE of a given graph from given positions, through openTSNE."""

import os
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from jaxtyping import Float
from openTSNE import TSNEEmbedding
from openTSNE.affinity import Affinities

from deepvid.progress import Progress
from deepvid.projections.tsne import ANGLE, REPORT_EVERY, THREADED, TREES


class Phase(NamedTuple):
    """A part of the optimization."""

    iterations: int
    exaggeration: float
    momentum: float


def tsne(
    joint: sp.csr_matrix,
    start: Float[np.ndarray, "point 2"],
    phases: Sequence[Phase],
    *,
    seed: int,
    progress: Progress,
) -> Float[np.ndarray, "point 2"]:
    """Lowers KL(P || Q) of the joint probabilities `joint` (point, point), which are symmetric and sum to 1.

    Q is t-SNE's of the positions. `progress` may cancel every `REPORT_EVERY` iterations.
    Source: Poličar et al. (2024), J. Stat. Softw. 109(3).
    """
    embedding = TSNEEmbedding(
        np.array(start, np.float64),
        _Given(joint),
        negative_gradient_method="bh" if len(start) <= TREES else "fft",
        theta=ANGLE,
        n_jobs=(os.cpu_count() or 1) if len(start) >= THREADED else 1,
        random_state=seed,
    )
    total = sum(phase.iterations for phase in phases)
    done = 0
    for phase in phases:
        embedding.optimize(
            phase.iterations,
            inplace=True,
            exaggeration=phase.exaggeration,
            momentum=phase.momentum,
            callbacks=_Report(progress, done, total),
            callbacks_every_iters=REPORT_EVERY,
        )
        done += phase.iterations
    return np.asarray(embedding, np.float32)


class _Given(Affinities):
    """Affinities that are known already."""

    def __init__(self, joint: sp.csr_matrix) -> None:
        super().__init__()
        self.P = joint


class _Report:
    """openTSNE's callback; an exception ends the optimization."""

    def __init__(self, progress: Progress, before: int, total: int) -> None:
        self._progress, self._before, self._total = progress, before, total

    def __call__(self, iteration: int, divergence: float, embedding: np.ndarray) -> bool:
        self._progress.update(self._before + iteration, self._total, f"divergence {divergence:.2f}")
        return False
