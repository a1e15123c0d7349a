"""LIME: a linear model of which segments are there."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from deepvid.attribution.method import Case, Method, margin
from deepvid.attribution.segments import Segments, grid, quickshift
from deepvid.cores import in_chunks
from deepvid.students.problem import PRECISION
from deepvid.students.teachers import Teacher
from deepvid.tier import Tier

KERNEL = 0.25  # of cosine distances
RIDGE = 1.0
HELD_OUT = 0.2  # of the masks


class Surrogate(NamedTuple):
    """The linear model, as a map and with how far it can be trusted."""

    map: Float[Array, "y x channel"]
    r2: Float[Array, ""]  # weighted, on masks that were not fitted; 1 is perfect, 0 is the mean
    constant: Float[Array, ""]  # β₀


@dataclass(frozen=True)
class Lime(Method):
    """minimize Σᵢ ωᵢ (m(xᵢ) − β₀ − β · zᵢ)² + |β|²,   xᵢ = x with segment j at its mean color where zᵢⱼ = 0

    zᵢⱼ is 0 or 1 alike, z₀ all ones; ωᵢ = exp(−dᵢ² / (2 · 0.25²)), dᵢ the cosine distance of zᵢ to all ones.
    A segment's pixels share its βⱼ. Source: Ribeiro et al. (2016), arXiv 1602.04938, and its code for images;
    there m is a probability, and the score is of the fitted masks.
    """

    tier = Tier.PREDICT

    masks: int = 500  # its code has 1,000, which are hardly more faithful: see benchmarks/explanations.py

    @abstractmethod
    def segments(self, image: Float[Array, "y x channel"]) -> Segments:
        """The parts of the image that are switched on and off."""

    def __call__(self, classifier: Teacher, case: Case) -> Float[Array, "y x channel"]:
        return self.surrogate(classifier, case).map

    def surrogate(self, classifier: Teacher, case: Case) -> Surrogate:
        segments = self.segments(case.image)
        present = segments.size > 0
        z = jax.random.bernoulli(case.key, 0.5, (self.masks, segments.limit)).at[0].set(True) & present
        value = in_chunks(_of_masks(classifier, case, segments), z)
        distance = 1 - jnp.sqrt(z.sum(axis=1) / present.sum())
        weight = jnp.exp(-0.5 * (distance / KERNEL) ** 2)
        fitted = self.masks - round(HELD_OUT * self.masks)
        bits = z.astype(jnp.float32)
        beta, intercept = _ridge(bits[:fitted], value[:fitted], weight[:fitted])
        predicted = jnp.matmul(bits[fitted:], beta, precision=PRECISION) + intercept
        r2 = _r2(value[fitted:], predicted, weight[fitted:])
        share = beta / jnp.maximum(segments.size, 1) / case.image.shape[-1]
        return Surrogate(jnp.broadcast_to(share[segments.number][..., None], case.image.shape), r2, intercept)


@dataclass(frozen=True)
class LimeGrid(Lime):
    """LIME on squares, for images too small to have superpixels."""

    name = "lime_grid"
    label = "LIME, squares"

    cell: int = 4  # pixels

    def segments(self, image: Float[Array, "y x channel"]) -> Segments:
        return grid((image.shape[0], image.shape[1]), self.cell)


@dataclass(frozen=True)
class LimeQuickshift(Lime):
    """LIME on superpixels."""

    name = "lime_quickshift"
    label = "LIME, superpixels"

    kernel: float = 1.0  # pixels; its code has 4, for images of 300
    ratio: float = 0.2  # what a unit of Lab counts beside a pixel

    def segments(self, image: Float[Array, "y x channel"]) -> Segments:
        return quickshift(image, self.kernel, self.ratio)


def _of_masks(
    classifier: Teacher, case: Case, segments: Segments
) -> Callable[[Bool[Array, "mask segment"]], Float[Array, " mask"]]:
    """masks -> the margin of the image with what they leave out at its segment's mean color."""
    of = margin(classifier, case.classes)
    flat = segments.number.ravel()
    pixels = case.image.reshape(len(flat), -1)
    sums = jax.ops.segment_sum(pixels, flat, segments.limit)
    mean = (sums / jnp.maximum(segments.size, 1)[:, None])[segments.number]
    return lambda z: of(jnp.where(z[:, segments.number][..., None], case.image, mean))


def _ridge(
    bits: Float[Array, "mask segment"], value: Float[Array, " mask"], weight: Float[Array, " mask"]
) -> tuple[Float[Array, " segment"], Float[Array, ""]]:
    """β and β₀, which the penalty leaves alone."""
    center, mean = jnp.average(bits, axis=0, weights=weight), jnp.average(value, weights=weight)
    centered = (bits - center) * jnp.sqrt(weight)[:, None]
    target = (value - mean) * jnp.sqrt(weight)
    gram = jnp.matmul(centered.T, centered, precision=PRECISION) + RIDGE * jnp.eye(bits.shape[1])
    beta = jnp.linalg.solve(gram, jnp.matmul(centered.T, target, precision=PRECISION))
    return beta, mean - center @ beta


def _r2(wanted: Array, given: Array, weight: Array) -> Float[Array, ""]:
    mean = jnp.average(wanted, weights=weight)
    variation = jnp.sum(weight * (wanted - mean) ** 2)
    return 1 - jnp.sum(weight * (wanted - given) ** 2) / jnp.maximum(variation, 1e-12)
