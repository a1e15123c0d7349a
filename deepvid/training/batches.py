"""Running a network over more images than fit into one call."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, UInt8

from deepvid.cores import Placement
from deepvid.progress import Progress


def unit(images: UInt8[Array, "..."]) -> Float[Array, "..."]:
    """Stored bytes as float32 in [0, 1]."""
    return images.astype(jnp.float32) / 255


def in_batches(
    function: Callable[..., Any],
    module: Any,
    rows: np.ndarray,
    *,
    size: int,
    progress: Progress,
) -> Any:
    """`function(module, rows)`, computed for `size` rows at a time; arrays (row, ...) in NumPy.

    `function` should be jitted: it sees one shape, for the last batch is filled up with its first row. The
    cores share each batch.
    """
    size = min(size, len(rows))
    placement = Placement(size)
    module = jax.device_put(module, placement.whole)
    outputs = []
    for begin in range(0, len(rows), size):
        progress.update(begin, len(rows), "images")
        batch = rows[begin : begin + size]
        filled = np.concatenate([batch, np.repeat(batch[:1], size - len(batch), axis=0)])
        outputs.append(jax.tree.map(np.array, function(module, jax.device_put(filled, placement.split))))
    progress.update(len(rows), len(rows), "images")
    return jax.tree.map(lambda *parts: np.concatenate(parts)[: len(rows)], *outputs)
