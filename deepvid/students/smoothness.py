"""The prior for weights whose neighbors in the image are alike.

The penalty l2/2 <W, P W> with P = 1 + s D, D the Laplacian of the pixel grid (free ends), is plain L2 in
the coordinates W' = W P^(1/2): fit to inputs X P^(-1/2), then W = W' P^(-1/2). The cosine transform
diagonalizes D, so P^(-1/2) costs four small products. Channels do not mix.
Source: Strang (1999), SIAM Review 41, "The discrete cosine transform" (DCT-2).
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from deepvid.students.problem import PRECISION


def inverse_root(
    images: Float[Array, "image y x channel"],
    smoothness: Float[Array, ""],
    mean: Float[Array, "y x channel"] | float = 0.0,
) -> Float[Array, "image y x channel"]:
    """`(images - mean) @ P^(-1/2)`, a symmetric map: for inputs before the fit and for weights after it."""
    flat = images.reshape(len(images), -1)  # with its axes, XLA would give the branches another order of them
    smoothed = jax.lax.cond(  # each branch subtracts by itself: what is handed to one is written first
        smoothness > 0,
        lambda flat, mean: _smoothed(flat.reshape(images.shape) - mean, smoothness).reshape(flat.shape),
        lambda flat, mean: flat - jnp.ravel(mean),
        flat,
        jnp.asarray(mean),
    )
    return smoothed.reshape(images.shape)


def _smoothed(
    images: Float[Array, "image y x channel"], smoothness: Float[Array, ""]
) -> Float[Array, "image y x channel"]:
    rows, row_values = _cosines(images.shape[1])
    columns, column_values = _cosines(images.shape[2])
    scale = 1 / jnp.sqrt(1 + smoothness * (row_values[:, None] + column_values))
    spectrum = _product("iy,jx,nyxc->nijc", rows, columns, images)
    return _product("iy,jx,nijc->nyxc", rows, columns, spectrum * scale[..., None])


def laplacian(images: Float[Array, "image y x channel"]) -> Float[Array, "image y x channel"]:
    """D applied to each image: the sum of the differences to the neighbors in the grid."""
    return _ends(jnp.diff(images, axis=1), 1) + _ends(jnp.diff(images, axis=2), 2)


def _ends(differences: Array, axis: int) -> Array:
    padding = [(1, 1) if i == axis else (0, 0) for i in range(differences.ndim)]
    return -jnp.diff(jnp.pad(differences, padding), axis=axis)


def _cosines(size: int) -> tuple[Float[np.ndarray, "size size"], Float[np.ndarray, " size"]]:
    """Orthonormal eigenvectors (rows) and eigenvalues of the Laplacian of a path."""
    frequency = np.arange(size)[:, None]
    vectors = np.cos(np.pi * frequency * (np.arange(size) + 0.5) / size) * np.sqrt(2 / size)
    vectors[0] /= np.sqrt(2)
    values = 4 * np.sin(np.pi * np.arange(size) / (2 * size)) ** 2
    return vectors.astype(np.float32), values.astype(np.float32)


def _product(subscripts: str, *operands: Any) -> Array:
    return jnp.einsum(subscripts, *operands, precision=PRECISION)
