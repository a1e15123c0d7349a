"""Every way to lay out a layer in the plane."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from deepvid.network.layout import farthest, pivot_mds, principal

LAYOUTS: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "pca": lambda data, pivots: principal(data),
    "pivot_mds": lambda data, pivots: pivot_mds(data, farthest(data, pivots)),
}
"""Name -> of codes (sample, component) and a number of pivots, the positions (sample, 2)."""
