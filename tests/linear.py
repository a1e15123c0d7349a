"""A teacher and a VAE that can be computed by hand, and cases of them."""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from deepvid.attribution import Case, bare_case


class Linear(NamedTuple):
    """logits = (Σ weight · image + bias, 0): the margin of classes (0, 1) is the first."""

    weight: jax.Array
    bias: float = 0.0

    def logits(self, images: jax.Array) -> jax.Array:
        margin = jnp.tensordot(images, self.weight, 3) + self.bias
        return jnp.stack([margin, jnp.zeros_like(margin)], axis=1)


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Multiples:
    """Latents are multiples of the picture, by least squares."""

    picture: jax.Array
    latent: ClassVar[int] = 1

    def encode(self, images: jax.Array) -> tuple[jax.Array, jax.Array]:
        mean = jnp.tensordot(images, self.picture, 3)[:, None] / jnp.sum(self.picture**2)
        return mean, jnp.zeros_like(mean)

    def decode(self, latents: jax.Array) -> jax.Array:
        return latents[:, :, None, None] * self.picture


def case(image: Any, mean_color: float = 0.3, seed: int = 0) -> Case:
    """Classes 0 and 1; student and neighborhood gradient are absent."""
    color = jnp.full(np.shape(image)[-1], mean_color)
    return bare_case(image, jnp.array([0, 1]), jax.random.key(seed), color)


def drawn(shape: tuple[int, int, int], seed: int = 0) -> tuple[Linear, Case]:
    """A teacher and a case with random weights and pixels."""
    rng = np.random.default_rng(seed)
    return Linear(jnp.asarray(rng.normal(size=shape), jnp.float32)), case(rng.uniform(size=shape))
