"""Where an image is changed: in the latents of the VAE, in smoothed pixels, or in the pixels themselves.

A space has coordinates u, zero at the image, of which it makes a picture. The length of a change is ‖u‖
there, and the steepest way is the gradient with respect to u.
"""

from collections.abc import Callable
from typing import NamedTuple, get_args

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from deepvid.config import names
from deepvid.models import VAE
from deepvid.students.prior import inverse_root

SMOOTHNESS = 10.0  # s of (I + sΔ)⁻¹; the students' pictures have the same
SPACES: tuple[names.Space, ...] = get_args(names.Space)


class Latents(NamedTuple):
    """A VAE with the standard deviation (latent,) of its latents over the training images."""

    vae: VAE
    scale: Float[Array | np.ndarray, " latent"]


class Space(NamedTuple):
    """Of a few images, x (sample, y, x, channel)."""

    start: Float[Array, "sample ..."]  # coordinates of the images: zeros
    picture: Callable[[Array], Array]  # coordinates -> pictures that may leave [0, 1]
    project: Callable[[Array], Array]  # coordinates -> the nearest whose picture does not, if it is known


def space_of(name: names.Space, images: Float[Array, "sample y x channel"], latents: Latents | None) -> Space:
    """`latent`: x + decode(μ + σu) − decode(μ), u in standard deviations. `smooth`: x + (I + sΔ)^−½ u, whose
    steepest way is (I + sΔ)⁻¹ ∇. `pixel`: x + u.
    """
    if name == "latent":
        assert latents is not None  # who asks for latents has them
        return _latent(images, latents)
    if name == "smooth":
        return Space(jnp.zeros_like(images), lambda u: images + _smoothed(u), lambda u: u)
    return Space(jnp.zeros_like(images), lambda u: images + u, lambda u: jnp.clip(images + u, 0, 1) - images)


def spaces_with(latents: object) -> tuple[names.Space, ...]:
    """Those there are: without a VAE there are no latents."""
    return tuple(name for name in SPACES if name != "latent" or latents is not None)


def clipped(space: Space, u: Array) -> Float[Array, "sample y x channel"]:
    """The pictures, in [0, 1]."""
    return jnp.clip(space.picture(u), 0, 1)


def slope(
    space: Space, u: Array, evidence: Callable[[Array], Float[Array, " sample"]]
) -> tuple[Float[Array, " sample"], Array]:
    """f and ∂f/∂u of what `evidence` says of the clipped pictures.

    A pixel counts that can go where f grows: black ones cannot be darkened, and white ones not brightened.
    """
    raw, back = jax.vjp(space.picture, u)
    value, pull = jax.vjp(evidence, jnp.clip(raw, 0, 1))
    (gradient,) = pull(jnp.ones_like(value))
    free = jnp.where(gradient > 0, (raw >= 0) & (raw < 1), (raw > 0) & (raw <= 1))
    # `clip` halves the gradient at its ends, so it is asked behind it
    return value, back(jnp.where(free, gradient, 0))[0]


def stretched(values: Float[Array, " sample"], like: Array) -> Array:
    """(sample, 1, ...): to be multiplied with coordinates."""
    return values.reshape(-1, *(1,) * (like.ndim - 1))


def length(u: Array) -> Float[Array, " sample"]:
    """‖u‖ of each sample."""
    return jnp.sqrt((u.reshape(len(u), -1) ** 2).sum(axis=1))


def _latent(images: Array, latents: Latents) -> Space:
    vae, scale = latents
    mean = vae.encode(images)[0]
    around = images - vae.decode(mean)
    return Space(jnp.zeros_like(mean), lambda u: around + vae.decode(mean + scale * u), lambda u: u)


def _smoothed(u: Float[Array, "sample y x channel"]) -> Float[Array, "sample y x channel"]:
    y, x, channel = u.shape[1:]
    rows = u.reshape(len(u), -1)
    return inverse_root(rows, jnp.asarray(SMOOTHNESS), (y, x, channel)).reshape(u.shape)
