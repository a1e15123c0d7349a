"""Segments: pixels that are switched on and off together."""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int


class Segments(NamedTuple):
    """A partition of the pixels. Those numbers below `limit` that no pixel has are empty segments."""

    number: Int[Array, "y x"]
    limit: int  # known before the image is

    @property
    def size(self) -> Int[Array, " segment"]:
        return jnp.bincount(self.number.ravel(), length=self.limit)


def grid(shape: tuple[int, int], cell: int) -> Segments:
    """Squares of `cell` pixels, smaller at the far ends."""
    rows, columns = (np.arange(size) // cell for size in shape)
    wide = int(columns[-1]) + 1
    number = rows[:, None] * wide + columns
    return Segments(jnp.asarray(number, jnp.int32), (int(rows[-1]) + 1) * wide)
