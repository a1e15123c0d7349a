"""Every optimizer an experiment may name, each with its own way of weight decay."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import optax

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
