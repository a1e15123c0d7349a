"""Explanations from derivatives of the margin m(x) = logit[classes[0]] - logit[classes[1]]."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from deepvid.attribution.baselines import ALL, stacked
from deepvid.attribution.method import Case, Method, margin_gradient
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
    """(x − x′) ⊙ ∫₀¹ ∇m(x′ + α (x − x′)) dα, averaged over baselines x′; the integral by midpoints.

    For each baseline the map sums to m(x) − m(x′), up to the integral's error.
    Source: Sundararajan et al. (2017), arXiv 1703.01365, equation 1.
    """

    name = "integrated_gradients"
    label = "Integrated gradients"
    tier = Tier.GRADIENTS

    baselines: tuple[names.Baseline, ...] = ALL
    steps: int = 16

    def __call__(self, classifier: Teacher, case: Case) -> Float[Array, "y x channel"]:
        difference = case.image - stacked(self.baselines, case)
        back = 1 - (jnp.arange(self.steps) + 0.5) / self.steps
        points = case.image - back[:, None, None, None, None] * difference
        flat = points.reshape(-1, *case.image.shape)
        gradients = in_chunks(margin_gradient(classifier, case.classes), flat).reshape(points.shape)
        return jnp.mean(difference * gradients.mean(axis=0), axis=0)
