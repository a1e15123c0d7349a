"""Every optimizer and learning-rate schedule an experiment may name."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array

from deepvid.config import names

Build = Callable[[optax.Schedule, float], optax.GradientTransformation]


def kernels(parameters: Any) -> Any:
    """Marks what weight decay acts on: matrices and convolutions, not biases and normalization."""
    return jax.tree.map(lambda leaf: leaf.ndim > 1, parameters)


def _l2(optimizer: Callable[..., optax.GradientTransformation]) -> Build:
    """Weight decay as the gradient of decay/2 |w|², as seen by the optimizer."""
    return lambda rate, decay: optax.chain(optax.add_decayed_weights(decay, mask=kernels), optimizer(rate))


def _decoupled(optimizer: Callable[..., optax.GradientTransformation]) -> Build:
    """Weight decay beside the gradient. Source: Loshchilov and Hutter (2019), arXiv 1711.05101."""
    return lambda rate, decay: optimizer(rate, weight_decay=decay, mask=kernels)


OPTIMIZERS: dict[names.Optimizer, Build] = {
    "sgd": _l2(optax.sgd),
    "momentum": _l2(partial(optax.sgd, momentum=0.9)),
    "nesterov": _l2(partial(optax.sgd, momentum=0.9, nesterov=True)),
    "adam": _l2(optax.adam),
    "adamw": _decoupled(optax.adamw),
    "rmsprop": _l2(partial(optax.rmsprop, decay=0.99)),
    "adagrad": _l2(optax.adagrad),
    "adadelta": _l2(partial(optax.adadelta, rho=0.95)),
    "lamb": _decoupled(optax.lamb),
    "lion": _decoupled(optax.lion),
}
"""Name -> function of (learning rate by step, weight decay). Adding one is adding a line."""


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
