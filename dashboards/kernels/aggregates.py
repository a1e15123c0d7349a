"""Points of each pixel as Datashader aggregates them: pixel by pixel what `shading.count_groups` counts."""

import numpy as np
import pandas as pd
from numba import njit, uint32

from dashboards.kernels.counts import require_rows
from dashboards.kernels.shading import Viewport, count_groups
from dashboards.kernels.tiles import Tiles, points_between


def aggregate_groups(tiles: Tiles, group: np.ndarray, mask: np.ndarray | None, view: Viewport) -> np.ndarray:
    """Points of each group in each pixel: `count_groups` of radius 0.

    A process imports Datashader with its first picture, and compiles a program for each number of groups.
    """
    import datashader as ds

    if view.is_empty:  # Datashader refuses it
        return count_groups(tiles, group, mask, view, 0.0)
    if mask is not None:
        require_rows(mask, len(group))
    visible = points_between(tiles, view.bottom, view.top)
    codes = _codes(tiles.order[visible], group, np.empty(0, np.bool_) if mask is None else mask)
    groups = pd.Categorical.from_codes(codes, pd.RangeIndex(int(group.max(initial=0)) + 1))
    frame = pd.DataFrame({"x": tiles.x[visible], "y": tiles.y[visible], "group": groups}, copy=False)
    canvas = ds.Canvas(view.width, view.height, (view.left, view.right), (view.bottom, view.top))
    return np.asarray(canvas.points(frame, "x", "y", ds.by("group", ds.count())))


@njit(nogil=True, cache=True)
def _codes(order, group, mask):  # type: ignore[no-untyped-def]
    """The group of each point, in the order of the tiles: a third of the time that NumPy's index takes."""
    codes = np.empty(len(order), np.int8)
    for i in range(len(order)):
        row = uint32(order[i])
        codes[i] = group[row] if len(mask) == 0 else group[row] * mask[row]
    return codes
