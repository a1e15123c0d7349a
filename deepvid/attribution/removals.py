"""Explanations from what the margin loses with random parts of the image."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from deepvid.attribution.baselines import ALL, BASELINES, stacked
from deepvid.attribution.method import Case, MeasuredMap, Method, SumOfMaps, margin
from deepvid.attribution.query_free import Student
from deepvid.config import names
from deepvid.cores import in_chunks
from deepvid.students.places import Places, draw_blobs, fit_places
from deepvid.students.teachers import Teacher
from deepvid.tier import Tier


@dataclass(frozen=True)
class StudentOfPlaces(Method):
    """β of `deepvid.students.places`: what goes when a place goes. Its channels share alike."""

    name = "places"
    label = "Student of places"
    tier = Tier.PREDICT

    blobs: int = 96
    baselines: tuple[names.Baseline, ...] = ALL  # each blob is filled with all of them

    @property
    def fills(self) -> tuple[names.Baseline, ...]:
        return self.baselines

    def __call__(self, classifier: Teacher, case: Case) -> Float[Array, "y x channel"]:
        return self.measured(classifier, case).map

    def measured(self, classifier: Teacher, case: Case) -> MeasuredMap:
        """The map, and R² of each blob by the students of all others."""
        places = self.student(classifier, case)
        share = places.weights[..., None] / case.image.shape[-1]
        return MeasuredMap(jnp.broadcast_to(share, case.image.shape), places.r2)

    def student(self, classifier: Teacher, case: Case) -> Places:
        y, x, _ = case.image.shape
        # Behind the barrier XLA does not compute for seconds, while it compiles, what is a constant.
        blobs = jax.lax.optimization_barrier(jnp.asarray(draw_blobs((y, x), self.blobs)))
        fills, of = stacked(self.baselines, case), margin(classifier, case.classes)

        def value(number: Array) -> Array:
            blob, fill = jnp.divmod(number, len(fills))
            return of(jnp.where(blobs[blob][..., None], fills[fill], case.image))

        numbers = jnp.arange(len(blobs) * len(fills))
        lost = of(case.image[None]) - in_chunks(value, numbers).reshape(len(blobs), len(fills)).mean(axis=1)
        return fit_places(blobs, lost)


@dataclass(frozen=True)
class PixelsAndPlaces(SumOfMaps):
    """Both students at equal weight: what changes with a pixel's value, and what goes when a place goes."""

    name = "pixels_and_places"
    label = "Student, pixels and places"
    tier = Tier.PREDICT
    needs_student = True
    parts = (Student(), StudentOfPlaces())


@dataclass(frozen=True)
class Rise(Method):
    """cov(m(x ⊙ M + x′ ⊙ (1 − M)), Mᵢ) / var(Mᵢ) over the pixels of a cell, M a random mask of cells that are
    kept with p = ½, enlarged: what a pixel's being there adds.

    Source: Petsiuk et al. (2018), arXiv 1806.07421, section 3, whose map is the mean of M weighted by a
    probability, always positive; this is its slope.
    """

    name = "rise"
    label = "RISE"
    tier = Tier.PREDICT

    masks: int = 500
    cells: int = 7  # to a side
    baseline: names.Baseline = "mean_color"

    @property
    def fills(self) -> tuple[names.Baseline, ...]:
        return (self.baseline,)

    def __call__(self, classifier: Teacher, case: Case) -> Float[Array, "y x channel"]:
        y, x, channels = case.image.shape
        kept = jax.random.bernoulli(case.key, 0.5, (self.masks, self.cells, self.cells)).astype(jnp.float32)
        fill, of = BASELINES[self.baseline](case), margin(classifier, case.classes)

        def mask(kept: Float[Array, "mask j i"]) -> Float[Array, "mask y x"]:
            return jax.image.resize(kept, (len(kept), y, x), "bilinear")

        value = in_chunks(lambda kept: of(fill + mask(kept)[..., None] * (case.image - fill)), kept)
        masks = mask(kept)
        apart = masks - masks.mean(axis=0)
        slope = jnp.tensordot(value - value.mean(), apart, 1) / jnp.sum(apart**2, axis=0)
        share = slope * self.cells**2 / (y * x * channels)
        return jnp.broadcast_to(share[..., None], case.image.shape)
