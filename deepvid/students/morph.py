"""The way from one image to another through a VAE's latents, and where a teacher's answer changes on it.

    x(u) = clip(decode(z(u)) + (1 - u)(a - decode(z_a)) + u(b - decode(z_b)), 0, 1)

Its ends are the images themselves, as a residual neighborhood surrounds the image itself.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from deepvid.config import names
from deepvid.models import VAE
from deepvid.students.neighbors import KINDS, Center

NARROW = 1e-3  # of the way: a change is known to lie within so much
PARALLEL = 1e-4  # sine of an angle below which a circle is a line


class Change(NamedTuple):
    """Where an answer changes; between `low` and `high`."""

    low: float
    high: float
    before: int
    after: int


def linear(first: Array, last: Array, position: Array) -> Array:
    """z(u) = (1 - u) z_a + u z_b."""
    return (1 - position) * first + position * last


def spherical(first: Array, last: Array, position: Array) -> Array:
    """z(u) = (sin((1 - u)θ) z_a + sin(uθ) z_b) / sin θ, θ the angle between z_a and z_b.

    Source: Shoemake (1985), SIGGRAPH 19; of latents White (2016), arXiv 1609.04468.
    """
    lengths = jnp.linalg.norm(first) * jnp.linalg.norm(last)
    cosine = jnp.where(lengths > 0, jnp.sum(first * last) / jnp.where(lengths > 0, lengths, 1.0), 1.0)
    angle = jnp.arccos(jnp.clip(cosine, -1, 1))
    sine = jnp.sin(angle)
    arc = jnp.sin((1 - position) * angle) * first + jnp.sin(position * angle) * last
    straight = sine < PARALLEL
    return jnp.where(straight, linear(first, last, position), arc / jnp.where(straight, 1.0, sine))


WAYS: dict[names.Way, Callable[[Array, Array, Array], Array]] = {"linear": linear, "spherical": spherical}
"""z(u) of z_a, z_b (1, latent) and u (step, 1)."""


def between(
    vae: VAE,
    first: Center,
    last: Center,
    position: Float[Array, " step"],
    way: names.Way,
    kind: names.Neighborhood,
) -> Float[Array, "step y x channel"]:
    """x(u) at each position; of a plain neighborhood what is decoded alone."""
    decoded = vae.decode(WAYS[way](first.latent, last.latent, position[:, None]))
    share = position[:, None, None, None]
    image = linear(first.image, last.image, share)
    reconstruction = linear(first.reconstruction, last.reconstruction, share)
    return KINDS[kind](image, reconstruction, decoded)


def changes(
    positions: Sequence[float], classes: Sequence[int], answer: Callable[[float], int]
) -> list[Change]:
    """Where `answer` changes between positions at which it is known, found by bisection.

    What changes there and back again between two positions is not found.
    """
    found = []
    for low, high, before, after in zip(
        positions[:-1], positions[1:], classes[:-1], classes[1:], strict=True
    ):
        while before != after:
            change = _bisected(Change(low, high, before, after), answer)
            found.append(change)
            low, before = change.high, change.after  # where a third class lies between, it ends later
    return found


def _bisected(within: Change, answer: Callable[[float], int]) -> Change:
    low, high, before, after = within
    while high - low > NARROW:
        middle = (low + high) / 2
        said = answer(middle)
        if said == before:
            low = middle
        else:
            high, after = middle, said
    return Change(low, high, before, after)
