"""How far to go along a direction of descent, without touching the neighbors' pixels.

Along a direction the student's logits are linear and the penalty is a parabola, so every trial costs one
softmax of (neighbor, class), and the objective is a convex function of one variable.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

TRIALS = 6  # Newton's; with 4 the slowest fits take twice the steps
TRUST = 3.0  # nats: no logit moves further in one step. From a flat softmax Newton would leap out of range


class Ray(NamedTuple):
    """A direction seen from its start: everything the objective depends on along it."""

    logits: Float[Array, "neighbor class"]
    change: Float[Array, "neighbor class"]  # of the logits, a unit of step
    log_target: Float[Array, "neighbor class"]
    weight: Float[Array, "neighbor"]
    slope: Float[Array, ""]  # of the penalty at the start
    curvature: Float[Array, ""]  # of the penalty


def minimize(ray: Ray) -> Float[Array, ""]:
    """The step to the minimum: Newton's method inside a bracket that only shrinks."""
    limit = TRUST / jnp.maximum(jnp.max(jnp.abs(ray.change)), 1e-30)

    def trial(_: int, state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        low, high, step = state
        slope, curvature = _derivatives(ray, step)
        low, high = jnp.where(slope < 0, step, low), jnp.where(slope < 0, high, step)
        newton = step - slope / jnp.maximum(curvature, 1e-30)
        inside = (newton > low) & (newton <= high)
        return low, high, jnp.where(inside, newton, (low + high) / 2)

    slope, curvature = _derivatives(ray, jnp.zeros(()))
    first = jnp.minimum(-slope / jnp.maximum(curvature, 1e-30), limit)
    step = jax.lax.fori_loop(0, TRIALS, trial, (jnp.zeros(()), limit, first))[2]
    return jnp.where(slope < 0, step, 0.0)


def _derivatives(ray: Ray, step: Float[Array, ""]) -> tuple[Float[Array, ""], Float[Array, ""]]:
    student = jax.nn.softmax(ray.logits + step * ray.change, axis=-1)
    mean = jnp.sum(student * ray.change, axis=-1)
    variance = jnp.sum(student * ray.change**2, axis=-1) - mean**2
    wanted = jnp.sum(jnp.exp(ray.log_target) * ray.change, axis=-1)
    slope = ray.weight @ (mean - wanted) + ray.slope + step * ray.curvature
    return slope, ray.weight @ variance + ray.curvature
