"""Strided convolutions and their transposes as matrix products on overlapping blocks.

A convolution whose kernel is twice its stride sees, at each place, 2 x 2 blocks of the image cut into
stride x stride blocks. One reshape and one matrix product do it, forward and backward; XLA's CPU
convolutions are slower, the transposed ones most of all.
"""

from functools import reduce

import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float

CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))


def places(size: int, stride: int) -> int:
    """How many places a stride makes of `size` pixels."""
    return -(-size // stride)


class Fold(nnx.Module):
    """Convolution of kernel 2s and (even) stride s: (sample, y, x, channel) -> (sample, y/s, x/s, output)."""

    def __init__(self, channels: int, outputs: int, stride: int, *, rngs: nnx.Rngs) -> None:
        self.stride = stride
        self.dense = nnx.Linear(4 * stride**2 * channels, outputs, rngs=rngs)

    def __call__(self, images: Float[Array, "sample y x channel"]) -> Float[Array, "sample j i output"]:
        stride = self.stride
        y, x = (places(size, stride) for size in images.shape[1:3])
        border = [_border(size, stride) for size in images.shape[1:3]]
        blocks = _to_blocks(jnp.pad(images, ((0, 0), *border, (0, 0))), stride)
        around = [blocks[:, down : down + y, right : right + x] for down, right in CORNERS]
        return self.dense(jnp.concatenate(around, axis=-1))


class Unfold(nnx.Module):
    """The transpose of `Fold`: (sample, y/s, x/s, input) -> (sample, y, x, channel), cropped to `size`."""

    def __init__(
        self, inputs: int, channels: int, stride: int, size: tuple[int, int], *, rngs: nnx.Rngs
    ) -> None:
        self.stride, self.size = stride, size
        self.dense = nnx.Linear(inputs, 4 * stride**2 * channels, rngs=rngs)

    def __call__(self, cells: Float[Array, "sample j i input"]) -> Float[Array, "sample y x channel"]:
        around = jnp.split(self.dense(cells), 4, axis=-1)
        shifted = [
            jnp.pad(part, ((0, 0), (down, 1 - down), (right, 1 - right), (0, 0)))
            for part, (down, right) in zip(around, CORNERS, strict=True)
        ]
        images = _from_blocks(reduce(jnp.add, shifted), self.stride)
        begin, (y, x) = self.stride // 2, self.size
        return images[:, begin : begin + y, begin : begin + x]


def _border(size: int, stride: int) -> tuple[int, int]:
    """Zeros before and after, which make one block more than there are places."""
    return stride // 2, places(size, stride) * stride + stride // 2 - size


def _to_blocks(images: Array, side: int) -> Array:
    n, y, x, channels = images.shape
    blocks = images.reshape(n, y // side, side, x // side, side, channels).transpose(0, 1, 3, 2, 4, 5)
    return blocks.reshape(n, y // side, x // side, -1)


def _from_blocks(blocks: Array, side: int) -> Array:
    n, y, x, _ = blocks.shape
    images = blocks.reshape(n, y, x, side, side, -1).transpose(0, 1, 3, 2, 4, 5)
    return images.reshape(n, y * side, x * side, -1)
