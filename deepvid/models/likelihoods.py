"""What a VAE says about pixels, given the logits of its decoder; the picture is their sigmoid either way."""

import math
from collections.abc import Callable
from typing import Protocol

import jax
import jax.numpy as jnp
import optax
from flax import nnx
from jaxtyping import Array, Float

from deepvid.config import names

QUANTIZATION = -math.log(12 * 255**2)  # log variance of rounding to bytes: no noise is smaller


class Likelihood(Protocol):
    def log_density(
        self, logits: Float[Array, "sample y x channel"], images: Float[Array, "sample y x channel"]
    ) -> Float[Array, " sample"]:
        """Log-likelihood of each whole image, nats."""
        ...


class Bernoulli(nnx.Module):
    """Minus the cross-entropy of pixels in [0, 1], taken as probabilities."""

    def log_density(self, logits: Array, images: Array) -> Array:
        return -optax.sigmoid_binary_cross_entropy(logits, images).sum(axis=(1, 2, 3))


class Gaussian(nnx.Module):
    """Normal noise around the picture, of one learned variance shared by all pixels.

    The learned variance balances reconstruction and KL without a weight of one's own choice. It is bounded
    below by that of the bytes' rounding, so that images a decoder copies exactly have a finite density.
    Source: Rybkin et al. (2021), arXiv 2006.13202.
    """

    def __init__(self) -> None:
        # Typed: a weak type would become a strong one in the first steps, each time compiling them anew.
        self.log_variance = nnx.Param(jnp.array(-3.0, jnp.float32))

    def log_density(self, logits: Array, images: Array) -> Array:
        log_variance = jnp.maximum(self.log_variance[...], QUANTIZATION)
        squared = (jax.nn.sigmoid(logits) - images) ** 2
        density = squared / jnp.exp(log_variance) + log_variance + math.log(2 * math.pi)
        return -0.5 * density.sum(axis=(1, 2, 3))


LIKELIHOODS: dict[names.Likelihood, Callable[[], Likelihood]] = {
    "bernoulli": Bernoulli,
    "gaussian": Gaussian,
}
"""Name -> likelihood. Adding one is adding a line."""
