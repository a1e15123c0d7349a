"""Explanations from derivatives of the margin m(x) = logit[classes[0]] - logit[classes[1]]."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from deepvid.attribution.baselines import ALL, stacked
from deepvid.attribution.method import Case, Method, margin_gradient
from deepvid.attribution.quadrature import legendre
from deepvid.config import names
from deepvid.cores import in_chunks
from deepvid.students.teachers import Teacher
from deepvid.tier import Tier


@dataclass(frozen=True)
class Gradient(Method):
    """∇m(x) ⊙ x. Source: Shrikumar et al. (2016), arXiv 1605.01713."""

    name = "gradient"
    label = "Gradient x input"
    tier = Tier.GRADIENTS

    def __call__(self, classifier: Teacher, case: Case) -> Float[Array, "y x channel"]:
        return margin_gradient(classifier, case.classes)(case.image[None])[0] * case.image


@dataclass(frozen=True)
class SmoothGrad(Method):
    """mean over ε of ∇m(x + ε) ⊙ x,   ε ~ N(0, σ²), σ = noise (max x − min x).

    Source: Smilkov et al. (2017), arXiv 1706.03825, whose figures take σ of 10 to 20 %.
    """

    name = "smoothgrad"
    label = "SmoothGrad x input"
    tier = Tier.GRADIENTS

    draws: int = 50
    noise: float = 0.15

    def __call__(self, classifier: Teacher, case: Case) -> Float[Array, "y x channel"]:
        deviation = self.noise * (case.image.max() - case.image.min())
        noisy = case.image + deviation * jax.random.normal(case.key, (self.draws, *case.image.shape))
        return jnp.mean(in_chunks(margin_gradient(classifier, case.classes), noisy), axis=0) * case.image


@dataclass(frozen=True)
class IntegratedGradients(Method):
    """(x − x′) ⊙ ∫₀¹ ∇m(x′ + α (x − x′)) dα, averaged over baselines x′; the integral by Gauss and Legendre.

    For each baseline the map sums to m(x) − m(x′), up to the integral's error.
    Source: Sundararajan et al. (2017), arXiv 1703.01365, equation 1.
    """

    name = "integrated_gradients"
    label = "Integrated gradients"
    tier = Tier.GRADIENTS

    baselines: tuple[names.Baseline, ...] = ALL
    points: int = 8  # as true by every measure as 16 steps: see docs/decisions

    @property
    def fills(self) -> tuple[names.Baseline, ...]:
        return self.baselines

    def __call__(self, classifier: Teacher, case: Case) -> Float[Array, "y x channel"]:
        difference = case.image - stacked(self.baselines, case)
        share, weight = legendre(self.points)
        points = case.image - share[:, None, None, None, None] * difference
        flat = points.reshape(-1, *case.image.shape)
        gradients = in_chunks(margin_gradient(classifier, case.classes), flat).reshape(points.shape)
        return jnp.mean(difference * jnp.tensordot(weight, gradients, 1), axis=0)


@dataclass(frozen=True)
class ExpectedGradients(Method):
    """(x − x′) ⊙ ∇m(x′ + α (x − x′)), averaged over training images x′, each with an α in [0, 1].

    What a pixel adds beside those of the training images: no color stands for its absence. The α are spread
    evenly. Source: Erion et al. (2021), arXiv 1906.10670, equation 3.
    """

    name = "expected_gradients"
    label = "Expected gradients"
    tier = Tier.GRADIENTS

    def __call__(self, classifier: Teacher, case: Case) -> Float[Array, "y x channel"]:
        if not len(case.training):
            return jnp.full(case.image.shape, jnp.nan)
        training = case.training.astype(jnp.float32) / 255
        difference = case.image - training
        alpha = jax.random.permutation(case.key, (jnp.arange(len(training)) + 0.5) / len(training))
        points = training + alpha[:, None, None, None] * difference
        return jnp.mean(difference * in_chunks(margin_gradient(classifier, case.classes), points), axis=0)
