"""Images to latents and back, for more of them than fit into one call."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, UInt8

from deepvid.models import VAE
from deepvid.progress import SILENT, Progress
from deepvid.training.batches import in_batches, unit

BATCH = 500


class Latents(NamedTuple):
    """The posterior of each image."""

    mean: Float[np.ndarray, "sample latent"]
    log_variance: Float[np.ndarray, "sample latent"]


def encode(
    vae: VAE, images: UInt8[np.ndarray, "sample y x channel"], *, progress: Progress = SILENT
) -> Latents:
    return Latents(*in_batches(_encode, vae, images, size=BATCH, progress=progress))


def reconstruct(
    vae: VAE, mean: Float[np.ndarray, "sample latent"], *, progress: Progress = SILENT
) -> UInt8[np.ndarray, "sample y x channel"]:
    """The images that latents stand for, rounded to bytes."""
    return in_batches(_decode, vae, mean, size=BATCH, progress=progress)


@jax.jit
def _encode(vae: VAE, images: Array) -> tuple[Array, Array]:
    return vae.encode(unit(images))


@jax.jit
def _decode(vae: VAE, latents: Array) -> Array:
    return jnp.round(vae.decode(latents) * 255).astype(jnp.uint8)
