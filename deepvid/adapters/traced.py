"""Slopes of networks that JAX traces."""

from collections.abc import Callable
from typing import Any


def outputs_with_slopes(network: Callable[[Any], Any], inputs: Any, outputs: Any) -> tuple[Any, Any]:
    """Scores (sample, output) and the slopes of some by the inputs (sample, asked, ...), within a trace.

    One pass forward; backward goes the sum of one output over the samples, which do not touch one another.
    """
    import jax
    import jax.numpy as jnp

    scores, back = jax.vjp(lambda images: (made := network(images)).reshape(len(made), -1), inputs)
    columns = jax.nn.one_hot(outputs, scores.shape[1], dtype=scores.dtype)
    (slopes,) = jax.vmap(lambda column: back(jnp.broadcast_to(column, scores.shape)))(columns)
    return scores, jnp.moveaxis(slopes, 0, 1)
