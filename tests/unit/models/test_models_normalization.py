"""Our batch normalization is Flax's of each group of images, gradients and running averages included."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from deepvid.models.normalization import EPSILON, GHOST, MOMENTUM, BatchNorm

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


def test_the_groups_of_a_batch_do_not_see_each_other() -> None:
    batch = jax.random.normal(jax.random.key(1), (2 * GHOST, 2, 3, 2))
    batch = batch.at[GHOST:].multiply(5)
    together, alone = (layers()[0] for _ in range(2))
    averages = []
    for part in (slice(None, GHOST), slice(GHOST, None)):
        _, other = layers()
        np.testing.assert_allclose(together(batch)[part], other(batch[part]), atol=1e-5)
        averages.append((np.asarray(other.mean[...]), np.asarray(other.var[...])))
    alone(batch)
    np.testing.assert_allclose([alone.mean[...], alone.var[...]], np.mean(averages, axis=0), atol=1e-6)


@pytest.mark.long
def test_the_gradient_of_groups_is_the_sum_of_their_own() -> None:
    batch = jax.random.normal(jax.random.key(2), (2 * GHOST, 2, 3, 2))
    (ours, weights), *halves = (
        _gradients(layer, images)
        for layer, images in zip(
            (layers()[0], layers()[1], layers()[1]), (batch, batch[:GHOST], batch[GHOST:]), strict=True
        )
    )
    np.testing.assert_allclose(ours, jnp.concatenate([images for images, _ in halves]), atol=2e-5)
    for found, *parts in zip(jax.tree.leaves(weights), *(jax.tree.leaves(w) for _, w in halves), strict=True):
        np.testing.assert_allclose(found, sum(parts), atol=2e-4)


def _gradients(layer: nnx.Module, images: jax.Array = IMAGES) -> tuple[jax.Array, nnx.State]:
    graph, parameters, rest = nnx.split(layer, nnx.Param, ...)

    def value(images: jax.Array, parameters: nnx.State) -> jax.Array:
        return jnp.sin(nnx.merge(graph, parameters, rest, copy=True)(images)).sum()

    return jax.grad(value, argnums=(0, 1))(images, parameters)
