"""How wide a neighborhood must be for the teacher to change its mind in it.

The most confident errors lie deep inside the wrong class: all their neighbors get one label, and a student of
them says nothing. Their band is widened until the commonest label has at most a given share, or to an end.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

LEVELS = 5  # widths that are tried, in equal ratios from 1 to the widest
PROBES = 50  # neighbors that are labeled at each: a share of .8 has a standard error of .06


class Widening(NamedTuple):
    """The width that is taken, and what the teacher says of its probes."""

    factor: Float[Array, ""]
    logits: Float[Array, "probe class"]


class _Search(NamedTuple):
    low: Int[Array, ""]  # the least level that may be wide enough
    high: Int[Array, ""]  # the least that is known to be, or the last
    known: Bool[Array, " level"]  # which were probed
    logits: Float[Array, "level probe class"]


def commonest(logits: Float[Array, "neighbor class"]) -> tuple[Int[Array, ""], Float[Array, ""]]:
    """The commonest label of neighbors, and its share of them."""
    counts = jnp.bincount(jnp.argmax(logits, axis=1), length=logits.shape[1])
    return jnp.argmax(counts).astype(jnp.int32), jnp.max(counts) / len(logits)


def widened(
    label: Callable[[Float[Array, ""]], Float[Array, "probe class"]],
    widest: Float[Array, ""],
    most: Float[Array, ""],
) -> Widening:
    """The least width, of those tried, at which the commonest label has a share of at most `most`.

    `label` gives the logits of some neighbors drawn that much wider. Most images need the first width only;
    for the others it is found by bisection, and the last is taken where none is wide enough.
    """
    widths = _widths(widest)

    def unfinished(search: _Search) -> Array:
        return (search.low < search.high) | ~search.known[search.high]

    def probe(search: _Search) -> _Search:
        level = jnp.where(jnp.any(search.known), (search.low + search.high) // 2, 0)
        found = label(widths[level])
        enough = commonest(found)[1] <= most
        return _Search(
            jnp.where(enough, search.low, jnp.minimum(level + 1, LEVELS - 1)),
            jnp.where(enough, level, search.high),
            search.known.at[level].set(True),
            search.logits.at[level].set(found),
        )

    shape = jax.eval_shape(label, widths[0])
    first, last = jnp.int32(0), jnp.int32(LEVELS - 1)
    start = _Search(first, last, jnp.zeros(LEVELS, bool), jnp.zeros((LEVELS, *shape.shape), shape.dtype))
    end = jax.lax.while_loop(unfinished, probe, start)
    return Widening(widths[end.high], end.logits[end.high])


def widened_plainly(
    label: Callable[[Float[Array, ""]], Float[Array, "probe class"]],
    widest: Float[Array, ""],
    most: Float[Array, ""],
) -> Widening:
    """The same by plain calls of `label`, which JAX need not trace."""
    widths, found = _widths(widest), dict[int, Array]()
    low, high = 0, LEVELS - 1
    while low < high or high not in found:
        level = (low + high) // 2 if found else 0
        found[level] = label(widths[level])
        if commonest(found[level])[1] <= most:
            high = level
        else:
            low = min(level + 1, LEVELS - 1)
    return Widening(widths[high], found[high])


def _widths(widest: Float[Array, ""]) -> Float[Array, " level"]:
    return jnp.asarray(widest ** (jnp.arange(LEVELS) / (LEVELS - 1)))
