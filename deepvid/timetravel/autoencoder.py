"""Features to the map and back: two small networks between fixed scales."""

from itertools import pairwise
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray


class Dense(NamedTuple):
    """x weight + bias."""

    weight: Float[Array, "input output"]
    bias: Float[Array, " output"]


Layers = tuple[Dense, ...]


class Encoder(NamedTuple):
    """y = s · mlp((h - μ) / σ)."""

    layers: Layers
    mean: Float[Array, " feature"]  # μ
    deviation: Float[Array, ""]  # σ, one for all features: what varies little says little
    spread: Float[Array, ""]  # s, in the map's unit

    def __call__(self, features: Float[Array, "sample feature"]) -> Float[Array, "sample 2"]:
        return self.spread * mlp(self.layers, (features - self.mean) / self.deviation)


class Decoder(NamedTuple):
    """h = σ · mlp([u, sin u F, cos u F]) + μ, where u = (y - c) / s; F has no column where u alone is read.

    Source: Tancik et al. (2020), Fourier Features, NeurIPS 33, for F.
    """

    layers: Layers
    frequency: Float[Array, "2 wave"]  # F
    center: Float[Array, "2"]  # c
    spread: Float[Array, ""]
    mean: Float[Array, " feature"]
    deviation: Float[Array, ""]

    def invert(self, position: Float[np.ndarray, "sample 2"]) -> Float[np.ndarray, "sample feature"]:
        return np.asarray(_applied(self, jnp.asarray(position, jnp.float32)))

    def __call__(self, position: Float[Array, "sample 2"]) -> Float[Array, "sample feature"]:
        unit = (position - self.center) / self.spread
        wave = unit @ self.frequency
        inputs = jnp.concatenate([unit, jnp.sin(wave), jnp.cos(wave)], axis=1)
        return self.deviation * mlp(self.layers, inputs) + self.mean


class Autoencoder(NamedTuple):
    """A visualization model that projects features it was not fitted to."""

    encoder: Encoder
    decoder: Decoder

    def project(self, features: Float[np.ndarray, "sample feature"]) -> Float[np.ndarray, "sample 2"]:
        return np.asarray(_applied(self.encoder, jnp.asarray(features, jnp.float32)))

    def invert(self, position: Float[np.ndarray, "sample 2"]) -> Float[np.ndarray, "sample feature"]:
        return self.decoder.invert(position)

    @property
    def layers(self) -> tuple[Layers, Layers]:
        """Trained parts, of encoder and decoder."""
        return self.encoder.layers, self.decoder.layers

    def with_layers(self, layers: tuple[Layers, Layers]) -> "Autoencoder":
        return Autoencoder(self.encoder._replace(layers=layers[0]), self.decoder._replace(layers=layers[1]))


@jax.jit
def _applied(network: Encoder | Decoder, inputs: Array) -> Array:
    return network(inputs)


def scale(features: Float[np.ndarray, "sample feature"]) -> tuple[Array, Array]:
    """μ (feature,) and σ (), the mean of the features' standard deviations; 1 of equal features."""
    deviation = features.std(axis=0).mean()
    mean = jnp.asarray(features.mean(axis=0), jnp.float32)
    return mean, jnp.float32(deviation if deviation > 0 else 1)


def fresh(key: PRNGKeyArray, widths: tuple[int, ...]) -> Layers:
    """Weights drawn as He et al. (2015) do for ReLU, biases 0."""
    return tuple(
        Dense(jnp.sqrt(2 / inputs) * jax.random.normal(part, (inputs, outputs)), jnp.zeros(outputs))
        for part, (inputs, outputs) in zip(
            jax.random.split(key, len(widths) - 1), pairwise(widths), strict=True
        )
    )


def wave_layers(
    key: PRNGKeyArray, hidden: tuple[int, ...], width: int, *, waves: int, deviation: float
) -> tuple[Layers, Float[Array, "2 wave"]]:
    """Layers of a decoder to `width` features and its F, drawn with this standard deviation."""
    layer_key, wave_key = jax.random.split(key)
    frequency = deviation * jax.random.normal(wave_key, (2, waves))
    return fresh(layer_key, (2 + 2 * waves, *hidden, width)), frequency


def mlp(layers: Layers, inputs: Float[Array, "sample input"]) -> Float[Array, "sample output"]:
    for dense in layers[:-1]:
        inputs = jax.nn.relu(inputs @ dense.weight + dense.bias)
    return inputs @ layers[-1].weight + layers[-1].bias
