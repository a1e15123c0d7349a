"""Segments, pixels that are switched on and off together: squares, or superpixels by quick shift, jitted."""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int


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


def quickshift(image: Float[Array, "y x channel"], kernel: float, ratio: float) -> Segments:
    """Trees in which every pixel's parent is the nearest one of higher density within 3 kernels.

        density(p) = Σ_q exp(−d²(p, q) / (2 kernel²)),   d² = |p − q|² + ratio² |color(p) − color(q)|²

    over the same window, in Lab. Of two equal densities the later pixel's is higher, so no two roots share a
    window and their number has a limit. Source: Vedaldi and Soatto (2008), ECCV, "Quick shift and kernel
    methods for mode seeking"; colors and window as in scikit-image, whose largest distance (200 in LIME) the
    window never reaches.
    """
    y, x, _ = image.shape
    reach = math.ceil(3 * kernel)
    around = _Window(ratio * lab(image), reach)
    shifts = jnp.asarray(np.argwhere(np.ones((2 * reach + 1, 2 * reach + 1))) - reach)

    def add(density: Array, shift: Array) -> tuple[Array, None]:
        distance, inside = around.distance(shift)
        return density + jnp.where(inside, jnp.exp(-distance / (2 * kernel**2)), 0.0), None

    density, _ = jax.lax.scan(add, jnp.zeros((y, x)), shifts)
    padded = jnp.pad(density, reach, constant_values=-jnp.inf)
    index = jnp.arange(y * x).reshape(y, x)

    def nearest(best: tuple[Array, Array], shift: Array) -> tuple[tuple[Array, Array], None]:
        distance, inside = around.distance(shift)
        other = jax.lax.dynamic_slice(padded, shift + reach, (y, x))
        later = shift[0] * x + shift[1] > 0
        nearer = inside & ((other > density) | ((other == density) & later)) & (distance < best[0])
        parent = index + shift[0] * x + shift[1]
        return (jnp.where(nearer, distance, best[0]), jnp.where(nearer, parent, best[1])), None

    (_, parent), _ = jax.lax.scan(nearest, (jnp.full((y, x), jnp.inf), index), shifts)
    number = _numbered(parent.ravel()).reshape(y, x)
    return Segments(number, -(-y // (reach + 1)) * -(-x // (reach + 1)))


class _Window(NamedTuple):
    """The colors of an image, and how far a pixel's neighbors are."""

    color: Float[Array, "y x color"]
    reach: int

    def distance(self, shift: Int[Array, "2"]) -> tuple[Float[Array, "y x"], Bool[Array, "y x"]]:
        """Squared distances to the pixels `shift` away, and whether there are such."""
        y, x, colors = self.color.shape
        sides = ((self.reach, self.reach), (self.reach, self.reach), (0, 0))
        start = (*(shift + self.reach), 0)
        other = jax.lax.dynamic_slice(jnp.pad(self.color, sides), start, (y, x, colors))
        rows, columns = jnp.arange(y) + shift[0], jnp.arange(x) + shift[1]
        inside = ((rows >= 0) & (rows < y))[:, None] & (columns >= 0) & (columns < x)
        return jnp.sum((other - self.color) ** 2, axis=-1) + jnp.sum(shift**2), inside


def _numbered(parent: Int[Array, " pixel"]) -> Int[Array, " pixel"]:
    """The root of each pixel's tree; roots are numbered in order."""
    for _ in range(math.ceil(math.log2(len(parent))) + 1):
        parent = parent[parent]
    root = parent == jnp.arange(len(parent))
    return (jnp.cumsum(root) - 1)[parent].astype(jnp.int32)


def lab(image: Float[Array, "y x channel"]) -> Float[Array, "y x 3"]:
    """CIE L*a*b* of an sRGB image under D65; other numbers of channels are taken as gray.

    Source: IEC 61966-2-1 for sRGB, CIE 15 for Lab.
    """
    if image.shape[-1] != 3:
        image = jnp.broadcast_to(image.mean(axis=-1, keepdims=True), (*image.shape[:2], 3))
    linear = jnp.where(image > 0.04045, ((image + 0.055) / 1.055) ** 2.4, image / 12.92)
    xyz = linear @ jnp.asarray(XYZ).T / jnp.asarray(XYZ).sum(axis=1)
    root = jnp.where(xyz > (6 / 29) ** 3, jnp.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29)
    x, y, z = jnp.moveaxis(root, -1, 0)
    return jnp.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


XYZ = (
    (0.4123908, 0.3575843, 0.1804808),
    (0.2126390, 0.7151687, 0.0721923),
    (0.0193308, 0.1191948, 0.9505322),
)
