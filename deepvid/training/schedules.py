"""Every learning-rate schedule an experiment may name."""

from collections.abc import Callable

import jax.numpy as jnp
import optax
from jaxtyping import Array

from deepvid.config import names


def step(peak: float, steps: int) -> optax.Schedule:
    """A tenth after half of the steps, a hundredth after three quarters."""
    return optax.piecewise_constant_schedule(peak, {steps // 2: 0.1, steps * 3 // 4: 0.1})


def one_cycle(peak: float, steps: int) -> optax.Schedule:
    """Linear from peak/25 up to the peak at a quarter of the steps, linear down to 0 at the end.

    Source: Smith and Topin (2017), arXiv 1708.07120.
    """

    def schedule(count: Array) -> Array:
        return peak * jnp.interp(count / steps, jnp.array([0, 0.25, 1]), jnp.array([0.04, 1, 0]))

    return schedule


SCHEDULES: dict[names.Schedule, Callable[[float, int], optax.Schedule]] = {
    "constant": lambda peak, steps: optax.constant_schedule(peak),
    "step": step,
    "cosine": optax.cosine_decay_schedule,
    "one_cycle": one_cycle,
}
"""Name -> function of (highest learning rate, steps of the whole training). Adding one is adding a line."""
