"""Correlations of ranks, along the last axis."""

import jax.numpy as jnp
from jaxtyping import Array, Float

CONSTANT = 1e-6  # of the variance: what is left in float32 where everything is explained


def ranks(values: Float[Array, " row"]) -> Float[Array, " row"]:
    """From 1; equal values share their mean rank."""
    below = jnp.sum(values[:, None] > values, axis=1)
    equal = jnp.sum(values[:, None] == values, axis=1)
    return below + (equal + 1) / 2


def spearman(first: Float[Array, " row"], second: Float[Array, " row"]) -> Float[Array, ""]:
    """r(ranks a, ranks b); nan where one is constant. Source: Spearman (1904), Am. J. Psychol. 15, 72-101."""
    return pearson(ranks(first), ranks(second))


def partial_spearman(
    first: Float[Array, " row"], second: Float[Array, " row"], given: Float[Array, " row"]
) -> Float[Array, ""]:
    """(r_ab − r_ac r_bc) / √((1 − r_ac²)(1 − r_bc²)), r of ranks: what a says of b beyond what c says.

    nan where a or b is constant, or a monotone function of c; where c is constant, Spearman's r_ab.
    """
    ab, ac, bc = (spearman(*pair) for pair in ((first, second), (first, given), (second, given)))
    ac, bc = (jnp.where(jnp.ptp(given) == 0, 0.0, r) for r in (ac, bc))
    left = (1 - ac**2, 1 - bc**2)
    known = (left[0] > CONSTANT) & (left[1] > CONSTANT)
    return jnp.where(known, (ab - ac * bc) / jnp.sqrt(jnp.where(known, left[0] * left[1], 1.0)), jnp.nan)


def pearson(first: Float[Array, " row"], second: Float[Array, " row"]) -> Float[Array, ""]:
    """nan where one is constant."""
    a, b = first - first.mean(), second - second.mean()
    scale = jnp.sqrt(jnp.vdot(a, a) * jnp.vdot(b, b))
    return jnp.where(scale > 0, jnp.vdot(a, b) / jnp.where(scale > 0, scale, 1.0), jnp.nan)
