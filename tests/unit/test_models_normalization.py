"""Our batch normalization is Flax's, gradients and running averages included."""

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from deepvid.models.normalization import EPSILON, MOMENTUM, BatchNorm

IMAGES = 3 + 2 * jax.random.normal(jax.random.key(0), (5, 4, 3, 2))


def layers() -> tuple[BatchNorm, nnx.BatchNorm]:
    ours = BatchNorm(2, rngs=nnx.Rngs(0))
    theirs = nnx.BatchNorm(2, momentum=MOMENTUM, epsilon=EPSILON, rngs=nnx.Rngs(0))
    for layer in (ours, theirs):
        layer.scale[...] = jnp.array([0.5, 2])
        layer.bias[...] = jnp.array([1, -1])
    return ours, theirs


def test_by_hand() -> None:
    # 1 and 3 have mean 2 and variance 1.
    layer = BatchNorm(1, rngs=nnx.Rngs(0))
    np.testing.assert_allclose(layer(jnp.array([1.0, 3]).reshape(2, 1, 1, 1)).ravel(), [-1, 1], atol=1e-5)
    np.testing.assert_allclose([layer.mean[0], layer.var[0]], [0.1 * 2, 0.9 + 0.1 * 1], rtol=1e-6)


def test_output_and_running_averages_are_flax_s() -> None:
    ours, theirs = layers()
    for _ in range(2):
        np.testing.assert_allclose(ours(IMAGES), theirs(IMAGES), atol=1e-5)
    np.testing.assert_allclose(ours.mean[...], theirs.mean[...], rtol=1e-5)
    np.testing.assert_allclose(ours.var[...], theirs.var[...], rtol=1e-5)
    ours.eval(), theirs.eval()
    np.testing.assert_allclose(ours(IMAGES), theirs(IMAGES), rtol=1e-5)


def test_gradients_are_flax_s() -> None:
    found = [_gradients(layer) for layer in layers()]
    for ours, theirs in zip(*map(jax.tree.leaves, found), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-5)
        assert np.abs(theirs).max() > 1e-3


def _gradients(layer: nnx.Module) -> tuple[jax.Array, nnx.State]:
    graph, parameters, rest = nnx.split(layer, nnx.Param, ...)

    def value(images: jax.Array, parameters: nnx.State) -> jax.Array:
        return jnp.sin(nnx.merge(graph, parameters, rest, copy=True)(images)).sum()

    return jax.grad(value, argnums=(0, 1))(IMAGES, parameters)
