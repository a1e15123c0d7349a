"""The student of places: which parts of an image would be missed.

    m(x) − m(x without S) ≈ Σ_{i ∈ S} βᵢ

for the sets S of some blobs of every size, m the margin of two classes. A student of pixels says what changes
with a pixel's value, this one what goes when a place goes: on photographs the margin is far from linear in
values, and near to it in places. β has the prior of a student's weights, a Gaussian whose precision is
1 + sΔ (`prior.py`), so it follows in closed form, and so does how far removal is linear: R² of each blob, by
the students of all others. Kin: LIME, Ribeiro et al. (2016), arXiv 1602.04938, on segments. Source: Rasmussen
and Williams (2006), Gaussian Processes for Machine Learning, sections 2.1 and 5.4.2.
"""

from functools import cache
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float
from scipy.ndimage import zoom

from deepvid.students.prior import inverse_root
from deepvid.students.problem import PRECISION

SMOOTHNESS = 10.0
RIDGE = 0.3  # of a blob's own variance
CELLS = (3, 5, 8)  # of the fields that blobs are cut from, to a side: three scales
SHARES = (0.1, 0.9)  # of the image that a blob covers
UNKNOWN = 1e6  # variances: an answer that is no number says nothing


class Places(NamedTuple):
    """The student, and how far it can be trusted."""

    weights: Float[Array, "y x"]  # β
    r2: Float[Array, ""]  # of each blob by all others; 1 is perfect, 0 is their mean


@cache
def draw_blobs(shape: tuple[int, int], count: int) -> Bool[np.ndarray, "blob y x"]:
    """Random smooth fields, each of one of three scales, above a threshold. The same for every image."""
    random = np.random.default_rng(0)
    blobs = np.empty((count, *shape), bool)
    for number in range(count):
        cells = CELLS[number % len(CELLS)]
        coarse = random.normal(size=(cells, cells))
        field = zoom(coarse, (shape[0] / cells, shape[1] / cells), order=1)
        blobs[number] = field > np.quantile(field, 1 - random.uniform(*SHARES))
    return blobs


def fit_places(
    blobs: Bool[Array, "blob y x"],
    drops: Float[Array, " blob"],
    *,
    smoothness: float = SMOOTHNESS,
    ridge: float = RIDGE,
) -> Places:
    """β of what the margin lost with each blob. A drop that is no number counts for nothing."""
    _, y, x = blobs.shape
    known = jnp.isfinite(drops)
    drops = jnp.where(known, drops, 0.0)
    root = inverse_root(
        blobs.reshape(len(blobs), -1).astype(jnp.float32), jnp.float32(smoothness), (y, x, 1)
    )  # Z P^−½
    gram = jnp.matmul(root, root.T, precision=PRECISION)
    own = jnp.diag(gram)
    noise = ridge * (own.mean() + own) / 2 + jnp.where(known, 0.0, UNKNOWN * own.mean())
    inverse = jnp.linalg.inv(gram + jnp.diag(noise))
    factors = jnp.matmul(inverse, drops, precision=PRECISION)
    seen = jnp.matmul(factors[None], root, precision=PRECISION)
    weights = inverse_root(seen, jnp.float32(smoothness), (y, x, 1))
    return Places(weights.reshape(y, x), _r2(drops, factors / jnp.diag(inverse), known.astype(jnp.float32)))


def _r2(found: Array, missed: Array, counts: Array) -> Float[Array, ""]:
    """From what each blob's drop is missed by where the others alone are fitted."""
    mean = jnp.sum(counts * found) / jnp.maximum(jnp.sum(counts), 1.0)
    variation = jnp.sum(counts * (found - mean) ** 2)
    return 1 - jnp.sum(counts * missed**2) / jnp.maximum(variation, 1e-12)
