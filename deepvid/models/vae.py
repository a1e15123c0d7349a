"""The convolutional variational autoencoder, for images of any size, and its likelihoods of pixels.

Its strided convolutions and their transposes are matrix products on overlapping blocks. A kernel twice its
stride sees, at each place, 2 x 2 blocks of the image cut into stride x stride blocks. One reshape and one
product do it, forward and backward; XLA's CPU convolutions are slower, the transposed ones most of all.
"""

import math
from collections.abc import Callable, Sequence
from functools import reduce
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import optax
from flax import nnx
from jaxtyping import Array, Float, PRNGKeyArray

from deepvid import config
from deepvid.config import names
from deepvid.models.parameters import fresh, load_vector, size

CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))


def places(size: int, stride: int) -> int:
    """How many places a stride makes of `size` pixels."""
    return -(-size // stride)


class Fold(nnx.Module):
    """Convolution of kernel 2s and (even) stride s: (sample, y, x, channel) -> (sample, y/s, x/s, output)."""

    def __init__(self, channels: int, outputs: int, stride: int, *, rngs: nnx.Rngs) -> None:
        self.stride = stride
        self.dense = nnx.Linear(4 * stride**2 * channels, outputs, rngs=rngs)

    def __call__(self, images: Float[Array, "sample y x channel"]) -> Float[Array, "sample j i output"]:
        stride = self.stride
        y, x = (places(size, stride) for size in images.shape[1:3])
        border = [_border(size, stride) for size in images.shape[1:3]]
        blocks = _to_blocks(jnp.pad(images, ((0, 0), *border, (0, 0))), stride)
        around = [blocks[:, down : down + y, right : right + x] for down, right in CORNERS]
        return self.dense(jnp.concatenate(around, axis=-1))


class Unfold(nnx.Module):
    """The transpose of `Fold`: (sample, y/s, x/s, input) -> (sample, y, x, channel), cropped to `size`."""

    def __init__(
        self, inputs: int, channels: int, stride: int, size: tuple[int, int], *, rngs: nnx.Rngs
    ) -> None:
        self.stride, self.size = stride, size
        self.dense = nnx.Linear(inputs, 4 * stride**2 * channels, rngs=rngs)

    def __call__(self, cells: Float[Array, "sample j i input"]) -> Float[Array, "sample y x channel"]:
        around = jnp.split(self.dense(cells), 4, axis=-1)
        shifted = [
            jnp.pad(part, ((0, 0), (down, 1 - down), (right, 1 - right), (0, 0)))
            for part, (down, right) in zip(around, CORNERS, strict=True)
        ]
        images = _from_blocks(reduce(jnp.add, shifted), self.stride)
        begin, (y, x) = self.stride // 2, self.size
        return images[:, begin : begin + y, begin : begin + x]


def _border(size: int, stride: int) -> tuple[int, int]:
    """Zeros before and after, which make one block more than there are places."""
    return stride // 2, places(size, stride) * stride + stride // 2 - size


def _to_blocks(images: Array, side: int) -> Array:
    n, y, x, channels = images.shape
    blocks = images.reshape(n, y // side, side, x // side, side, channels).transpose(0, 1, 3, 2, 4, 5)
    return blocks.reshape(n, y // side, x // side, -1)


def _from_blocks(blocks: Array, side: int) -> Array:
    n, y, x, _ = blocks.shape
    images = blocks.reshape(n, y, x, side, side, -1).transpose(0, 1, 3, 2, 4, 5)
    return images.reshape(n, y * side, x * side, -1)


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


COARSEST = 8  # places a side: levels of half the size are added until the grid is no finer


class Level(NamedTuple):
    """The images between two convolutions."""

    size: tuple[int, int]  # y, x
    channels: int
    stride: int  # from the finer level before


class VAE(nnx.Module):
    """q(z | x) = N(mean, exp(log_variance)) and the picture a latent stands for.

    Source: Kingma and Welling (2014), arXiv 1312.6114.
    """

    def __init__(self, settings: config.Vae, image_shape: tuple[int, int, int], *, rngs: nnx.Rngs) -> None:
        levels = pyramid(image_shape, settings.width)
        coarsest = levels[-1]
        cells = math.prod(coarsest.size) * coarsest.channels
        self.latent = settings.latent
        self.image_shape = image_shape
        self._grid = (*coarsest.size, coarsest.channels)
        self.fold = nnx.List(
            Fold(fine.channels, coarse.channels, coarse.stride, rngs=rngs)
            for fine, coarse in pairwise(levels)
        )
        self.gather = nnx.Linear(cells, settings.hidden, rngs=rngs)
        self.posterior = nnx.Linear(settings.hidden, 2 * settings.latent, rngs=rngs)
        self.expand = nnx.Linear(settings.latent, settings.hidden, rngs=rngs)
        self.spread = nnx.Linear(settings.hidden, cells, rngs=rngs)
        self.unfold = nnx.List(
            Unfold(coarse.channels, fine.channels, coarse.stride, fine.size, rngs=rngs)
            for coarse, fine in pairwise(reversed(levels))
        )
        self.likelihood = LIKELIHOODS[settings.likelihood]()

    def encode(
        self, images: Float[Array, "sample y x channel"]
    ) -> tuple[Float[Array, "sample latent"], Float[Array, "sample latent"]]:
        """Mean and log-variance of the posterior; images in [0, 1]."""
        output = images
        for fold in self.fold:
            output = jax.nn.silu(fold(output))
        output = jax.nn.silu(self.gather(output.reshape(len(images), -1)))
        posterior = self.posterior(output)
        return posterior[:, : self.latent], posterior[:, self.latent :]

    def decode(self, latents: Float[Array, "sample latent"]) -> Float[Array, "sample y x channel"]:
        """Images in [0, 1]."""
        return jax.nn.sigmoid(self.logits(latents))

    def logits(self, latents: Float[Array, "sample latent"]) -> Float[Array, "sample y x channel"]:
        """The picture before the sigmoid, which the likelihoods are computed from."""
        output = self.spread(jax.nn.silu(self.expand(latents))).reshape(-1, *self._grid)
        for unfold in self.unfold:
            output = unfold(jax.nn.silu(output))
        return output


def pyramid(image_shape: tuple[int, int, int], width: int) -> list[Level]:
    """The image, a quarter of its size in `width` channels, then halves with twice the channels.

    28x28x1 becomes 7x7x64; 128x128x3 becomes 32x32x64, 16x16x128, 8x8x256.
    """
    *size, channels = image_shape
    levels = [Level(_over(size, 1), channels, 1), Level(_over(size, 4), width, 4)]
    while max(levels[-1].size) > COARSEST:
        levels.append(Level(_over(levels[-1].size, 2), 2 * levels[-1].channels, 2))
    return levels


def _over(size: Sequence[int], stride: int) -> tuple[int, int]:
    y, x = size
    return places(y, stride), places(x, stride)


def build_vae(settings: config.Vae, *, image_shape: tuple[int, int, int], key: PRNGKeyArray) -> VAE:
    """A VAE with fresh parameters."""
    return fresh(_maker(settings, image_shape), key)


def restore_vae(settings: config.Vae, *, image_shape: tuple[int, int, int], vector: Any) -> VAE:
    """The trained VAE whose `to_vector` is `vector` (parameter,), in evaluation mode."""
    return load_vector(nnx.eval_shape(_maker(settings, image_shape), jax.random.key(0)), vector)


def vae_size(settings: config.Vae, *, image_shape: tuple[int, int, int]) -> int:
    """Its parameters, without drawing any."""
    return size(nnx.eval_shape(_maker(settings, image_shape), jax.random.key(0)))


def _maker(settings: config.Vae, image_shape: tuple[int, int, int]) -> Callable[[PRNGKeyArray], VAE]:
    return lambda key: VAE(settings, image_shape, rngs=nnx.Rngs(params=key))
