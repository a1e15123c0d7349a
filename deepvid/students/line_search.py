"""How far to go along a direction of descent, without touching the neighbors' pixels.

Along a direction d the student's logits are S + a U and the penalty is a parabola, so that the objective is a
convex function of the step length a alone,

    φ(a) = Σᵢ wᵢ (logsumexp(Sᵢ + a Uᵢ) − a yᵢ·Uᵢ) + l2/2 |W + a D|²  + a constant,

and every trial costs one softmax of (class, neighbor).
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from deepvid.students.problem import softmax_curvature

TRIALS = 8
FLAT = 0.1  # of the first slope: conjugate gradients gain nothing from a flatter end
TRUST = 3.0  # nats: no logit moves further in one step. From a flat softmax Newton would leap out of range


class Ray(NamedTuple):
    """A direction seen from its start: φ(a) = Σᵢ wᵢ logsumexp(Sᵢ + a Uᵢ) + slope a + curvature a²/2."""

    logits: Float[Array, "class neighbor"]  # S
    probabilities: Float[Array, "class neighbor"]  # their softmax
    change: Float[Array, "class neighbor"]  # U
    weight: Float[Array, " neighbor"]  # w
    slope: Float[Array, ""]  # l2 ⟨W, D⟩ − Σᵢ wᵢ yᵢ·Uᵢ
    curvature: Float[Array, ""]  # l2 |D|²


class Trial(NamedTuple):
    """φ′ and φ″ at `step`; the best step is known to lie between `low` and `high`."""

    low: Float[Array, ""]
    high: Float[Array, ""]
    step: Float[Array, ""]
    probabilities: Float[Array, "class neighbor"]
    slope: Float[Array, ""]
    curvature: Float[Array, ""]
    trials: Int[Array, ""]


def minimize(ray: Ray) -> Trial:
    """Newton's a ← a − φ′(a) / φ″(a) to about the minimum, inside a bracket that only shrinks."""
    zero = jnp.zeros(())
    limit = TRUST / jnp.maximum(jnp.max(jnp.abs(ray.change)), 1e-30)
    first, curvature = _derivatives(ray, zero, ray.probabilities)
    start = Trial(zero, limit, zero, ray.probabilities, first, curvature, jnp.zeros((), jnp.int32))

    def unfinished(trial: Trial) -> Array:
        steep = jnp.abs(trial.slope) > FLAT * jnp.abs(first)
        at_limit = (trial.step >= limit) & (trial.slope < 0)
        return (trial.trials < TRIALS) & steep & ~at_limit & (first < 0)

    return jax.lax.while_loop(unfinished, lambda trial: _next(ray, trial), start)


def _next(ray: Ray, trial: Trial) -> Trial:
    newton = trial.step - trial.slope / jnp.maximum(trial.curvature, 1e-30)
    newton = jnp.where(trial.trials == 0, jnp.minimum(newton, trial.high), newton)
    inside = (newton > trial.low) & (newton <= trial.high)
    step = jnp.where(inside, newton, (trial.low + trial.high) / 2)
    probabilities = jax.nn.softmax(ray.logits + step * ray.change, axis=0)
    slope, curvature = _derivatives(ray, step, probabilities)
    low, high = jnp.where(slope < 0, step, trial.low), jnp.where(slope < 0, trial.high, step)
    return Trial(low, high, step, probabilities, slope, curvature, trial.trials + 1)


def _derivatives(
    ray: Ray, step: Float[Array, ""], probabilities: Float[Array, "class neighbor"]
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """φ′(a) = Σᵢ wᵢ pᵢ·Uᵢ + slope + a curvature, and φ″(a)."""
    slope = ray.weight @ jnp.sum(probabilities * ray.change, axis=0) + ray.slope + step * ray.curvature
    return slope, softmax_curvature(ray.weight, probabilities, ray.change) + ray.curvature
