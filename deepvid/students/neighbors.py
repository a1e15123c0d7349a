"""The neighborhood of an image: what its VAE makes of perturbed latents."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

from deepvid.config import names
from deepvid.cores import in_chunks
from deepvid.models import VAE


class Center(NamedTuple):
    """An image, and what its VAE knows of it."""

    image: Float[Array, "y x channel"]
    latent: Float[Array, "1 latent"]
    reconstruction: Float[Array, "y x channel"]


def sample_key(seed: Int[Array, ""], sample: Int[Array, ""]) -> PRNGKeyArray:
    """The key of one student: it does not depend on which others are fitted with it."""
    return jax.random.fold_in(jax.random.key(seed), sample)


def offsets(
    key: PRNGKeyArray, count: int, band: Float[Array, " latent"], distribution: names.Distribution
) -> Float[Array, "neighbor latent"]:
    """Perturbations of the latent within half-widths `band`; the first two are zero."""
    units = DRAWS[distribution](key, (count, len(band)))
    return (units * band).at[:2].set(0.0)


def _uniform(key: PRNGKeyArray, shape: tuple[int, int]) -> Float[Array, "neighbor latent"]:
    return jax.random.uniform(key, shape, minval=-1.0, maxval=1.0)


def _normal(key: PRNGKeyArray, shape: tuple[int, int]) -> Float[Array, "neighbor latent"]:
    return jax.random.normal(key, shape) / 2  # the band is two standard deviations


DRAWS: dict[names.Distribution, Callable[[PRNGKeyArray, tuple[int, int]], Array]] = {
    "uniform": _uniform,
    "normal": _normal,
}


def _residual(image: Array, reconstruction: Array, decoded: Array) -> Array:
    return jnp.clip(image + decoded - reconstruction, 0.0, 1.0)


def _plain(_image: Array, _reconstruction: Array, decoded: Array) -> Array:
    return decoded


KINDS: dict[names.Neighborhood, Callable[[Array, Array, Array], Array]] = {
    "residual": _residual,
    "plain": _plain,
}
"""How a decoded image becomes a neighbor. Residual neighbors surround the image, plain ones its copy."""


def center(vae: VAE, image: Float[Array, "y x channel"]) -> Center:
    """The image with its latent mean and what is decoded from it."""
    latent = vae.encode(image[None])[0]
    return Center(image, latent, vae.decode(latent)[0])


def neighborhood(
    vae: VAE, center: Center, perturbation: Float[Array, "neighbor latent"], kind: names.Neighborhood
) -> Float[Array, "neighbor y x channel"]:
    """The neighbors that `perturbation` of the center's latent leads to."""

    def chunk(part: Float[Array, "chunk latent"]) -> Float[Array, "chunk y x channel"]:
        return KINDS[kind](center.image, center.reconstruction, vae.decode(center.latent + part))

    return in_chunks(chunk, perturbation)


def weights(
    perturbation: Float[Array, "neighbor latent"], band: Float[Array, " latent"], locality: Float[Array, ""]
) -> Float[Array, " neighbor"]:
    """The locality kernel exp(-sum_j (offset_j / band_j)^2 / locality^2), summing to one.

    An infinite `locality` weighs all alike; latents of no band do not count.
    """
    distance = jnp.sum(jnp.where(band > 0, perturbation / jnp.where(band > 0, band, 1.0), 0.0) ** 2, axis=1)
    return jax.nn.softmax(-distance / locality**2)
