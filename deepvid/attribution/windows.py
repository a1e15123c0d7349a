"""Windows over an image, filled one after another with something else: black, a mean color, a blurred copy.

    D(v, u) = f(x) − f(x with the fill in rows v and columns u)

A window is an interval of rows times one of columns. So the mean over the windows that cover a pixel is
Lᵀ D L, where L (interval, pixel) is 1 / (intervals that cover the pixel) inside an interval and 0 elsewhere:
no array has as many numbers as windows times pixels.
"""

import math
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from deepvid.cores import in_chunks

PARTS = 7  # side by side: windows of 4 pixels on 28, and 169 of them on a square of any size

Answers = TypeVar("Answers")


class Windows(NamedTuple):
    """Squares on an image of `shape` (y, x), at each first row of `top` with each first column of `left`.

    Where a side of the image is shorter than a square, its only interval is that side.
    """

    shape: tuple[int, int]
    side: int  # pixels
    top: tuple[int, ...]
    left: tuple[int, ...]

    @classmethod
    def over(cls, shape: tuple[int, ...], parts: int = PARTS) -> "Windows":
        """`parts` of them beside one another along the longer side, and others half-way between."""
        y, x = shape[:2]
        side, step = -(-max(y, x) // parts), max(y, x) / (2 * parts)
        return cls((y, x), side, _starts(y - side, step), _starts(x - side, step))

    def drops(
        self,
        answers: Callable[[Float[Array, "image y x channel"]], Answers],
        image: Float[Array, "y x channel"],
        fill: Float[Array, "*#pixel channel"],
    ) -> Answers:
        """D of each array (image, ...) among the answers of f: (v, u, ...)."""
        rows, columns = map(jnp.asarray, self._intervals())

        def filled(number: Array) -> Answers:
            v, u = jnp.divmod(number, len(columns))
            return answers(jnp.where((rows[v][:, :, None] & columns[u][:, None])[..., None], fill, image))

        parts = in_chunks(filled, jnp.arange(len(rows) * len(columns)))
        return jax.tree.map(
            lambda whole, part: (whole - part).reshape(len(rows), len(columns), *part.shape[1:]),
            answers(image[None]),
            parts,
        )

    def means(self, drops: Float[Array, "v u *rest"], every: int = 1) -> Float[Array, "y x *rest"]:
        """Lᵀ D L at every so many pixels."""
        rows, columns = (
            jnp.asarray((inside / inside.sum(axis=0))[:, every // 2 :: every], jnp.float32)
            for inside in self._intervals()
        )
        return jnp.einsum("vy,vu...,ux->yx...", rows, drops, columns)

    @property
    def area(self) -> int:
        """Pixels of each."""
        return math.prod(min(self.side, size) for size in self.shape)

    def _intervals(self) -> tuple[Bool[np.ndarray, "v y"], Bool[np.ndarray, "u x"]]:
        (y, x), distance = self.shape, lambda size, start: np.arange(size) - np.array(start)[:, None]
        down, across = distance(y, self.top), distance(x, self.left)
        return (down >= 0) & (down < self.side), (across >= 0) & (across < self.side)


def _starts(last: int, step: float) -> tuple[int, ...]:
    """From 0 to `last`, evenly and at most `step` apart, to whole pixels."""
    count = max(1, math.ceil(last / step))
    return tuple(sorted({round(max(last, 0) * number / count) for number in range(count + 1)}))
