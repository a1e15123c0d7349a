"""Points in space as a projection shows them: which of them a lasso on the screen takes."""

import numpy as np
from numba import njit

from dashboards.kernels.tiles import FAR, crossed_oddly

BANDS = 256  # of the polygon's height: each knows the edges that enter it


def inside_polygon(
    position: np.ndarray, view: np.ndarray, polygon_x: np.ndarray, polygon_y: np.ndarray
) -> np.ndarray:
    """The rows seen inside a polygon by the even-odd rule: bool (row,). Its last edge closes it.

    `position` is f32 (row, 3). `view`, float64 (3, 4), takes (position, 1) to (a, b, w), which is seen at
    (a / w, b / w) where w is positive, and not at all elsewhere.
    """
    mask = np.zeros(len(position), np.bool_)
    if len(polygon_x) >= 3 and np.isfinite(np.stack([polygon_x, polygon_y])).all():
        px, py = (np.clip(np.asarray(side, np.float64), -FAR, FAR) for side in (polygon_x, polygon_y))
        edges, starts, low, scale = _banded(px, py)
        _fill(position, np.asarray(view, np.float64), px, py, edges, starts, low, scale, mask)
    return mask


@njit(nogil=True, cache=True)
def _banded(px, py):  # type: ignore[no-untyped-def]
    """The edges of each band, one band after the other, and where each begins; edge i ends at corner i."""
    low, high = py.min(), py.max()
    scale = BANDS / (high - low) if high > low else 0.0
    starts = np.zeros(BANDS + 1, np.int64)
    first, last = np.empty(len(px), np.int64), np.empty(len(px), np.int64)
    for i in range(len(px)):
        first[i] = _band(min(py[i - 1], py[i]), low, scale)
        last[i] = _band(max(py[i - 1], py[i]), low, scale)
        starts[first[i] + 1 : last[i] + 2] += 1
    starts = np.cumsum(starts)
    free = starts[:-1].copy()
    edges = np.empty(starts[-1], np.int64)
    for i in range(len(px)):
        for band in range(first[i], last[i] + 1):
            edges[free[band]] = i
            free[band] += 1
    return edges, starts, low, scale


@njit(nogil=True, cache=True)
def _band(y, low, scale):  # type: ignore[no-untyped-def]
    return int(min(max((y - low) * scale, 0.0), BANDS - 1.0))


@njit(nogil=True, cache=True)
def _fill(position, view, px, py, edges, starts, low, scale, mask):  # type: ignore[no-untyped-def]
    left, right, bottom, top = px.min(), px.max(), py.min(), py.max()
    ax, ay, az, at = view[0]
    bx, by, bz, bt = view[1]
    wx, wy, wz, wt = view[2]
    for row in range(len(position)):
        x, y, z = position[row, 0], position[row, 1], position[row, 2]
        w = wx * x + wy * y + wz * z + wt
        if not w > 0:
            continue
        a = (ax * x + ay * y + az * z + at) / w
        b = (bx * x + by * y + bz * z + bt) / w
        if left <= a <= right and bottom <= b <= top:
            band = _band(b, low, scale)
            mask[row] = crossed_oddly(px, py, edges[starts[band] : starts[band + 1]], a, b)
