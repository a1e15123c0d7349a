"""Which units of a wide layer are kept: those that tell the classes apart best."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float, Int


def spread(
    response: Float[np.ndarray, "sample unit"], label: Int[np.ndarray, " sample"]
) -> Float[np.ndarray, " unit"]:
    """η² = Σ_c n_c (m_c − m)² / Σ_i (r_i − m)²: the share of a unit's variance that lies between classes.

    From 0 to 1; 0 of a unit that always gives the same.
    """
    centered = response.astype(np.float64) - response.mean(axis=0, dtype=np.float64)
    total = (centered**2).sum(axis=0)
    between = np.zeros_like(total)
    for one in np.unique(label):
        rows = centered[label == one]
        between += len(rows) * rows.mean(axis=0) ** 2
    return np.divide(between, total, out=np.zeros_like(total), where=total > 0)


def strongest(spread: Float[np.ndarray, " unit"], most: int) -> Int[np.ndarray, " kept"]:
    """The `most` units of the largest `spread`, in the order of the layer."""
    return np.sort(np.argsort(-spread, kind="stable")[:most])
