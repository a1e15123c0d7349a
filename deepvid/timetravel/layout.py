"""Form A: a t-SNE layout an epoch, started from the one before, and a decoder fitted to it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import scipy.sparse as sp
from jaxtyping import Array, Float, Int, PRNGKeyArray
from openTSNE import TSNEEmbedding
from openTSNE.affinity import Affinities
from openTSNE.initialization import pca

from deepvid.progress import Progress
from deepvid.projections.tsne import ANGLE, REPORT_EVERY, THREADED, TREES
from deepvid.timetravel.autoencoder import Decoder, Layers, scale, wave_layers
from deepvid.timetravel.contract import Epoch, EpochByEpoch, Fitted, Head
from deepvid.timetravel.descent import adam, descend, divergence
from deepvid.timetravel.graph import Edges, Graph, among, weakened
from deepvid.timetravel.ground import Ground, ground
from deepvid.timetravel.landscape import box


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


BESIDE = 5  # neighbors that a new point starts between


class Placed(NamedTuple):
    """A visualization model that looks positions up: the map's own samples, and a decoder."""

    features: Float[np.ndarray, "sample feature"]
    position: Float[np.ndarray, "sample 2"]
    head: Head
    decoder: Decoder

    def project(self, features: Float[np.ndarray, "query feature"]) -> Float[np.ndarray, "query 2"]:
        """The position of the nearest sample that is predicted alike, or of the nearest where none is.

        So PPR of new samples is helped by construction.
        """
        known, asked = self.head.predicted(self.features), self.head.predicted(features)
        placed = np.empty((len(features), 2), np.float32)
        for predicted in np.unique(asked):
            rows, samples = np.flatnonzero(asked == predicted), np.flatnonzero(known == predicted)
            samples = samples if len(samples) else np.arange(len(known))
            nearest = among(self.features[samples], features[rows], 1).point[:, 0]
            placed[rows] = self.position[samples[nearest]]
        return placed

    def invert(self, position: Float[np.ndarray, "sample 2"]) -> Float[np.ndarray, "sample feature"]:
        return self.decoder.invert(position)


class Inputs(NamedTuple):
    """Inputs of the decoder's loss; points are samples, boundary points, background."""

    features: Float[Array, "point feature"]
    position: Float[Array, "point 2"]
    head: Head
    decoder: Decoder


@dataclass(frozen=True)
class Layout(EpochByEpoch):
    """t-SNE of (1 - b) P + b P'; then a decoder with KL(p(h) || p(h')) + `reconstruction` |h - h'|² / (dσ²).

    P and P' are the weights of the samples' and the boundary's graph, each made to sum to one, b is
    `boundary_share`; p are the head's probabilities and h' is what is decoded at a point's position. A layout
    that has one before is optimized the less the more of the samples' neighborhoods have stayed.
    """

    cross: float = 0.3  # what edges between differently predicted samples keep of their weight
    boundary_share: float = 0.4
    first: tuple[Phase, ...] = (Phase(250, 12, 0.5), Phase(400, 1, 0.8))
    least: int = 20  # iterations of a later epoch
    changing: int = 200  # further iterations where no neighborhood has stayed
    decoder: tuple[int, ...] = (128, 128)  # its hidden widths
    waves: int = 32
    wave_deviation: float = 1.5
    background: int = 4000  # points anywhere, with the features of the nearest: against phantom regions
    steps: int = 1500
    batch: int = 1000
    rate: float = 3e-3
    reconstruction: float = 0.1

    def fit_one(self, epoch: Epoch, before: Fitted | None, *, seed: int, progress: Progress) -> Fitted:
        progress.update(0, 1, "finding neighbors")
        under = ground(epoch, before)
        start, phases = self.beginning(under, seed=seed)
        joint = self.joint(under.graph, epoch.head.predicted(under.points))
        position = tsne(joint, start, phases, seed=seed, progress=progress.part(0, 0.8, 1))
        decoder = self.decoder_at(
            epoch, before, under.points, position, seed=seed, progress=progress.part(0.8, 1, 1)
        )
        samples = len(epoch.features)
        model = Placed(under.points[:samples], position[:samples], epoch.head, decoder)
        return Fitted(epoch.sample, position[:samples], position[samples:], under.nearest, model)

    def joint(self, whole: Graph, predicted: Int[np.ndarray, " point"]) -> sp.csr_matrix:
        """The mixture of both graphs as joint probabilities (point, point)."""
        samples = _normalized(weakened(whole.samples, predicted, self.cross), len(predicted))
        if not len(whole.boundary.weight):
            return samples
        boundary = _normalized(whole.boundary, len(predicted))
        return ((1 - self.boundary_share) * samples + self.boundary_share * boundary).tocsr()

    def beginning(
        self, under: Ground, *, seed: int
    ) -> tuple[Float[np.ndarray, "point 2"], tuple[Phase, ...]]:
        """Where points start, and how they are optimized.

        Samples start where they were; new ones and boundary points, between their nearest that were.
        """
        known = under.tie.tied
        if not known.any():
            return pca(under.points, random_state=seed), self.first
        start = under.tie.position.astype(np.float64)
        start[~known] = between(under.points[known], start[known], under.points[~known])
        return start, self.later(float(under.tie.rate[known].mean()))

    def later(self, rate: float) -> tuple[Phase, ...]:
        """Of an epoch in which `rate` of the samples' neighborhoods have stayed: a third is exaggerated."""
        iterations = round(self.least + self.changing * (1 - rate))
        exaggerated = iterations // 3
        return Phase(exaggerated, 1 + 3 * (1 - rate), 0.8), Phase(iterations - exaggerated, 1, 0.8)

    def decoder_at(
        self,
        epoch: Epoch,
        before: Fitted | None,
        points: Float[np.ndarray, "point feature"],
        position: Float[np.ndarray, "point 2"],
        *,
        seed: int,
        progress: Progress,
    ) -> Decoder:
        """The decoder of `points` at their positions, begun from that of the map before."""
        rng = np.random.default_rng(seed)
        anywhere = rng.uniform(*box(position), (self.background, 2)).astype(np.float32)
        features = np.concatenate([points, points[among(position, anywhere, 1).point[:, 0]]])
        decoder = self._start(epoch, before, position, seed=seed)
        layers = descend(
            self.loss,
            adam(self.rate, self.steps),
            decoder.layers,
            Inputs(jnp.asarray(features), jnp.concatenate([position, anywhere]), epoch.head, decoder),
            rng.integers(0, len(features), (self.steps, self.batch), dtype=np.int32),
            seed=seed,
            progress=progress,
        )
        return jax.tree.map(np.asarray, decoder._replace(layers=layers))

    def _start(
        self, epoch: Epoch, before: Fitted | None, position: Float[np.ndarray, "point 2"], *, seed: int
    ) -> Decoder:
        mean, deviation = scale(epoch.features)
        center, spread = scale(position)
        if before is not None and isinstance(before.model, Placed):
            layers, frequency = before.model.decoder[:2]
        else:
            layers, frequency = wave_layers(
                jax.random.key(seed),
                self.decoder,
                len(mean),
                waves=self.waves,
                deviation=self.wave_deviation,
            )
        return Decoder(layers, frequency, center, spread, mean, deviation)

    def loss(
        self, layers: Layers, inputs: Inputs, drawn: Int[Array, " point"], key: PRNGKeyArray
    ) -> Float[Array, ""]:
        features = inputs.features[drawn]
        decoded = inputs.decoder._replace(layers=layers)(inputs.position[drawn])
        error = ((features - decoded) ** 2).mean() / inputs.decoder.deviation**2
        kl = divergence(inputs.head(features), inputs.head(decoded)).mean()
        return kl + self.reconstruction * error


def between(
    features: Float[np.ndarray, "sample feature"],
    position: Float[np.ndarray, "sample 2"],
    queries: Float[np.ndarray, "query feature"],
) -> Float[np.ndarray, "query 2"]:
    """The mean of the positions of each query's `BESIDE` nearest samples, by 1 / distance²."""
    if not len(queries):
        return np.zeros((0, 2))
    near = among(features, queries, BESIDE)
    weight = 1 / np.maximum(near.distance, 1e-6) ** 2
    weight /= weight.sum(axis=1, keepdims=True)
    return np.asarray((weight[..., None] * position[near.point]).sum(axis=1))


def _normalized(edges: Edges, points: int) -> sp.csr_matrix:
    entries = (edges.weight / edges.weight.sum(), (edges.head, edges.tail))
    return sp.csr_matrix(entries, (points, points))
