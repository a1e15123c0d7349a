"""The prior of a student's weights: the anchor W₀ that they are pulled to, and their smoothness.

A few hundred neighbors say little about a thousand pixels. Weights that are pulled to zero there hide pixels
that the teacher looks at; these are pulled to the teacher's own mean Jacobian at the neighbors,
1/m Σᵢ ∂t/∂x (xᵢ). The student agrees with its teacher as often, and its picture shows what decides there
(docs/decisions/anchor.md). Kin: BayLIME, Zhao et al. (2021), UAI 161, whose prior is another explanation;
Czarnecki et al. (2017), NeurIPS 30, who fit derivatives beside values.

The penalty l2/2 ⟨W, P W⟩ with P = 1 + sΔ, Δ the Laplacian of the pixel grid (free ends), is plain L2 in the
coordinates W′ = W P^½: fit to inputs X P^−½, then W = W′ P^−½. The cosine transform C (orthonormal, of both
axes) diagonalizes Δ, so P^−½ = Cᵀ diag(1 + sδ)^−½ C costs four small products. Channels do not mix.
Source: Strang (1999), SIAM Review 41, "The discrete cosine transform" (DCT-2).
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from deepvid.config import names
from deepvid.students.problem import PRECISION

Jacobian = Float[Array, "asked y x channel"]


def _zero(
    _jacobian: Jacobian, _classes: Int[Array, " asked"], count: int
) -> Float[Array, "class y x channel"]:
    return jnp.zeros((count, *_jacobian.shape[1:]))


def _jacobian(
    jacobian: Jacobian, classes: Int[Array, " asked"], count: int
) -> Float[Array, "class y x channel"]:
    """Less its mean, which changes no decision, and which stands for the classes that were not asked of."""
    return _zero(jacobian, classes, count).at[classes].set(jacobian - jnp.mean(jacobian, axis=0))


ANCHORS: dict[names.Anchor, Callable[[Jacobian, Array, int], Array]] = {"jacobian": _jacobian, "zero": _zero}
"""W₀ of all classes, of the student's logits, from the mean Jacobian of some."""


def inverse_root(
    rows: Float[Array, "row feature"], smoothness: Float[Array, ""], image_shape: tuple[int, int, int]
) -> Float[Array, "row feature"]:
    """`rows` P^−½, a symmetric map: for inputs before the fit and for weights after it.

    Every row is an image of `image_shape`, (y, x, channel). Without smoothness the rows stay as they are.
    """

    def smoothed(rows: Array) -> Array:
        return _smoothed(rows.reshape(-1, *image_shape), smoothness).reshape(rows.shape)

    return jax.lax.cond(smoothness > 0, smoothed, lambda rows: rows, rows)


def _smoothed(
    images: Float[Array, "image y x channel"], smoothness: Float[Array, ""]
) -> Float[Array, "image y x channel"]:
    """Cᵀ diag(1 + sδ)^−½ C of each image."""
    rows, row_values = cosines(images.shape[1])
    columns, column_values = cosines(images.shape[2])
    scale = 1 / jnp.sqrt(1 + smoothness * (row_values[:, None] + column_values))
    spectrum = _product("iy,jx,nyxc->nijc", rows, columns, images)
    return _product("iy,jx,nijc->nyxc", rows, columns, spectrum * scale[..., None])


def laplacian(images: Float[Array, "image y x channel"]) -> Float[Array, "image y x channel"]:
    """Δ applied to each image: the sum of the differences to the neighbors in the grid."""
    return _ends(jnp.diff(images, axis=1), 1) + _ends(jnp.diff(images, axis=2), 2)


def _ends(differences: Array, axis: int) -> Array:
    padding = [(1, 1) if i == axis else (0, 0) for i in range(differences.ndim)]
    return -jnp.diff(jnp.pad(differences, padding), axis=axis)


def cosines(size: int) -> tuple[Float[np.ndarray, "size size"], Float[np.ndarray, " size"]]:
    """Orthonormal eigenvectors (rows) and eigenvalues of the Laplacian of a path."""
    frequency = np.arange(size)[:, None]
    vectors = np.cos(np.pi * frequency * (np.arange(size) + 0.5) / size) * np.sqrt(2 / size)
    vectors[0] /= np.sqrt(2)
    values = 4 * np.sin(np.pi * np.arange(size) / (2 * size)) ** 2
    return vectors.astype(np.float32), values.astype(np.float32)


def _product(subscripts: str, *operands: Any) -> Array:
    return jnp.einsum(subscripts, *operands, precision=PRECISION)
