"""Pixels in the order of a map, and images with some of them gone."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray


def of_pixels(maps: Float[Array, "map y x channel"]) -> Float[Array, "map pixel"]:
    """Each pixel's contribution: the sum over its channels."""
    return maps.sum(axis=-1).reshape(len(maps), -1)


def places(scores: Float[Array, " pixel"], key: PRNGKeyArray) -> Int[Array, " pixel"]:
    """Each pixel's place in the order of falling scores. Equal ones are shuffled: an order by position would
    give a constant map an opinion.
    """
    order = jnp.lexsort((jax.random.uniform(key, scores.shape), -scores))
    return jnp.zeros(len(scores), jnp.int32).at[order].set(jnp.arange(len(scores), dtype=jnp.int32))


def without(
    image: Float[Array, "y x channel"],
    baseline: Float[Array, "y x channel"],
    gone: Bool[Array, "image pixel"],
) -> Float[Array, "image y x channel"]:
    """The image with some of its pixels at the baseline."""
    return jnp.where(gone.reshape(-1, *image.shape[:2], 1), baseline, image)
