"""A classifier that is called and not traced, for methods and measures that were written for one that is.

They run step by step there (`jax.disable_jit`), so that every image they make is an array by the time they
ask about it: one text of each formula serves both kinds of classifiers.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int

from deepvid.adapters.contract import Model
from deepvid.attribution.method import Case

T = TypeVar("T")


def asking(model: Model, case: Case, ask: Callable[..., T], *arguments: Any) -> T:
    """`ask(classifier, case, *arguments)` of a method or a measure, of one case."""
    with jax.disable_jit():
        return ask(Called(model, case.classes), case, *arguments)


class Called:
    """A model as methods ask it about one pair of classes: of other logits it has no derivatives."""

    def __init__(self, model: Model, classes: Int[Array, "2"]) -> None:
        self.tier = model.tier
        pair = np.asarray(classes)

        @jax.custom_vjp
        def logits(images: Array) -> Array:
            return jnp.asarray(model.answers(np.asarray(images)).logits)

        def forward(images: Array) -> tuple[Array, np.ndarray]:
            found = model.slopes(np.asarray(images), pair)
            return jnp.asarray(found.logits), found.slopes

        def backward(slopes: np.ndarray, weight: Array) -> tuple[Array]:
            return (jnp.einsum("na,na...->n...", weight[:, pair], jnp.asarray(slopes)),)

        logits.defvjp(forward, backward)
        self.logits: Any = logits  # of images (sample, y, x, channel)


class Followed:
    """A model as a way is followed through it: whichever logits a step depends on are differentiated.

    Each step asks twice, for the answer and for the derivatives of the logits that count in it; before each
    `between` is called, which may raise. What the model itself compiles stays compiled.
    """

    def __init__(self, model: Model, between: Callable[[], object] = lambda: None) -> None:
        @jax.custom_vjp
        def logits(images: Array) -> Array:
            between()
            with jax.disable_jit(False):
                return jnp.asarray(model.answers(np.asarray(images)).logits)

        def forward(images: Array) -> tuple[Array, Array]:
            return logits(images), images

        def backward(images: Array, weight: Array) -> tuple[Array]:
            counting = np.asarray(weight)
            asked = np.flatnonzero((counting != 0).any(axis=0))
            if not len(asked):
                return (jnp.zeros_like(images),)
            with jax.disable_jit(False):
                slopes = model.slopes(np.asarray(images), asked).slopes
            return (jnp.einsum("na,na...->n...", counting[:, asked], jnp.asarray(slopes)),)

        logits.defvjp(forward, backward)
        self.logits: Any = logits  # of images (sample, y, x, channel)
