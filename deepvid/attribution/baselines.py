"""Baselines that stand for an absent pixel. No choice is neutral, so measures are taken against several."""

from collections.abc import Callable, Sequence

import jax.numpy as jnp
from jaxtyping import Array, Float

from deepvid.attribution.method import Case
from deepvid.config import names

BLUR = 1 / 8  # of the longer side: the standard deviation that takes shapes away and leaves colors


def black(case: Case) -> Float[Array, "y x channel"]:
    return jnp.zeros_like(case.image)


def mean_color(case: Case) -> Float[Array, "y x channel"]:
    return jnp.broadcast_to(case.mean_color, case.image.shape)


def blur(case: Case) -> Float[Array, "y x channel"]:
    """The image without its shapes."""
    return blurred(case.image, BLUR * max(case.image.shape[:2]))


def blurred(image: Float[Array, "y x channel"], deviation: float) -> Float[Array, "y x channel"]:
    """The image under a Gaussian that is cut at the border and sums to one; `deviation` in pixels."""
    y, x, _ = image.shape
    return jnp.einsum("ai,bj,ijc->abc", _gaussian(y, deviation), _gaussian(x, deviation), image)


BASELINES: dict[names.Baseline, Callable[[Case], Float[Array, "y x channel"]]] = {
    "black": black,
    "mean_color": mean_color,
    "blur": blur,
}

ALL: tuple[names.Baseline, ...] = tuple(BASELINES)


def stacked(names: Sequence[names.Baseline], case: Case) -> Float[Array, "baseline y x channel"]:
    return jnp.stack([BASELINES[name](case) for name in names])


def _gaussian(size: int, deviation: float) -> Float[Array, "size size"]:
    distance = jnp.arange(size)[:, None] - jnp.arange(size)
    weights = jnp.exp(-0.5 * (distance / deviation) ** 2)
    return weights / weights.sum(axis=1, keepdims=True)
