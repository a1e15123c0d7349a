"""How far to go along a direction of descent, without touching the neighbors' pixels.

Along a direction the student's logits are linear and the penalty is a parabola, so every trial costs one
softmax of (neighbor, class), and the objective is a convex function of one variable.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

TRIALS = 8
FLAT = 0.1  # of the first slope: conjugate gradients gain nothing from a flatter end
TRUST = 3.0  # nats: no logit moves further in one step. From a flat softmax Newton would leap out of range


class Ray(NamedTuple):
    """A direction seen from its start.

    With S the logits and C their change, the objective at step a is
    sum_i weight_i logsumexp(S_i + a C_i) + slope a + curvature a^2 / 2 and a constant.
    """

    logits: Float[Array, "class neighbor"]
    student: Float[Array, "class neighbor"]  # their softmax
    change: Float[Array, "class neighbor"]
    weight: Float[Array, " neighbor"]
    slope: Float[Array, ""]
    curvature: Float[Array, ""]


class Trial(NamedTuple):
    """The best step is known to lie between `low` and `high`; `slope` is the objective's at `step`."""

    low: Float[Array, ""]
    high: Float[Array, ""]
    step: Float[Array, ""]
    student: Float[Array, "class neighbor"]
    slope: Float[Array, ""]
    curvature: Float[Array, ""]
    trials: Int[Array, ""]


def minimize(ray: Ray) -> Trial:
    """The step to about the minimum: Newton's method inside a bracket that only shrinks."""
    zero = jnp.zeros(())
    limit = TRUST / jnp.maximum(jnp.max(jnp.abs(ray.change)), 1e-30)
    first, curvature = _derivatives(ray, zero, ray.student)
    start = Trial(zero, limit, zero, ray.student, first, curvature, jnp.zeros((), jnp.int32))

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
    student = jax.nn.softmax(ray.logits + step * ray.change, axis=0)
    slope, curvature = _derivatives(ray, step, student)
    low, high = jnp.where(slope < 0, step, trial.low), jnp.where(slope < 0, trial.high, step)
    return Trial(low, high, step, student, slope, curvature, trial.trials + 1)


def _derivatives(
    ray: Ray, step: Float[Array, ""], student: Float[Array, "class neighbor"]
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    mean = jnp.sum(student * ray.change, axis=0)
    variance = jnp.sum(student * ray.change**2, axis=0) - mean**2
    slope = ray.weight @ mean + ray.slope + step * ray.curvature
    return slope, ray.weight @ variance + ray.curvature
