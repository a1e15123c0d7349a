"""Which units of a wide layer are kept, those that tell the classes apart best, and which are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.cluster.hierarchy import leaves_list, linkage

if TYPE_CHECKING:
    from jaxtyping import Float, Int

FEWEST = 2  # units: of so few any order is optimal


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


def alike(
    response: Float[np.ndarray, "sample unit"], label: Int[np.ndarray, " sample"]
) -> Int[np.ndarray, " unit"]:
    """The place of each unit in an order in which units that answer classes alike stand side by side.

    The optimal leaf order (Bar-Joseph, Gifford and Jaakkola 2001) of the average-linkage tree of what each
    class makes of a unit, in standard deviations of that unit. No chance is in it.
    """
    centered = response.astype(np.float64) - response.mean(axis=0, dtype=np.float64)
    deviation = centered.std(axis=0)
    standard = np.divide(centered, deviation, out=np.zeros_like(centered), where=deviation > 0)
    means = np.stack([standard[label == one].mean(axis=0) for one in np.unique(label)], axis=1)
    place = np.arange(len(means))
    if len(means) > FEWEST:
        place[leaves_list(linkage(means, "average", optimal_ordering=True))] = np.arange(len(means))
    return place
