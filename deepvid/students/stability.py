"""Whether other neighbors would give another picture: two students of half of them each."""

import jax.numpy as jnp
from jaxtyping import Array, Float, Int


def in_halves(weight: Float[Array, " neighbor"]) -> Float[Array, "half neighbor"]:
    """The weights with every other neighbor left out, and with the others left out; each sums to one."""
    halves = jnp.stack([weight, weight]).at[0, 1::2].set(0.0).at[1, 0::2].set(0.0)
    return halves / jnp.sum(halves, axis=1, keepdims=True)


def stability(
    weights: Float[Array, "half class y x channel"],
    image: Float[Array, "y x channel"],
    pair: Int[Array, "2"],
) -> Float[Array, ""]:
    """cos(m₁, m₂) of the maps m = (W_a − W_b) ⊙ x of both halves: 1 is the same picture, 0 none in common."""
    first, second = (weights[:, pair[0]] - weights[:, pair[1]]) * image
    scale = jnp.linalg.norm(first) * jnp.linalg.norm(second)
    return jnp.vdot(first, second) / jnp.maximum(scale, 1e-12)
