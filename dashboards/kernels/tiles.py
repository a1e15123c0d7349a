"""A 256 x 256 grid over the points of a map: what makes a lasso and a nearest neighbor cheap.

Points lie in the grid's order, tile after tile, row of tiles after row. A lasso decides a tile that its
edge does not enter by one point, and looks at single points only in the others.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

SIDE = 256
_MARGIN = 1e-3  # tiles; far above the rounding of float32 coordinates on the grid
FAR = 1e100  # a link may name any polygon: farther corners are drawn in, so that products stay finite


class Tiles(NamedTuple):
    """The points of one map in tile order; rows without a position are left out."""

    x: np.ndarray  # f32 (point,)
    y: np.ndarray  # f32 (point,)
    order: np.ndarray  # int32 (point,): row of each point
    starts: np.ndarray  # int64 (SIDE * SIDE + 1,): first point of each tile
    bounds: tuple[float, float, float, float]  # left, bottom, right, top; no empty side


def tile(x: np.ndarray, y: np.ndarray) -> Tiles:
    """Sorts the rows at (x, y), both f32 (row,), by tile; rows of one tile keep their order."""
    present = np.flatnonzero(np.isfinite(x) & np.isfinite(y)).astype(np.int32)
    bounds = _bounds(x[present], y[present])
    index = _tile_index(x[present], y[present], *bounds)
    order, starts = _counting_sort(index, SIDE * SIDE)
    rows = present[order]
    return Tiles(x[rows], y[rows], rows, starts, bounds)


def inside_polygon(tiles: Tiles, polygon_x: np.ndarray, polygon_y: np.ndarray, rows: int) -> np.ndarray:
    """The rows inside a polygon by the even-odd rule: bool (rows,). Its last edge closes it."""
    mask = np.zeros(rows, np.bool_)
    if len(polygon_x) >= 3:
        px, py = (np.clip(np.asarray(side, np.float64), -FAR, FAR) for side in (polygon_x, polygon_y))
        _fill(tiles.x, tiles.y, tiles.order, tiles.starts, tiles.bounds, px, py, mask)
    return mask


def nearest(tiles: Tiles, x: float, y: float, radius_x: float, radius_y: float) -> int | None:
    """The row nearest to (x, y) inside an ellipse of these radii (data units); None where there is none."""
    row = _nearest(tiles.x, tiles.y, tiles.order, tiles.starts, tiles.bounds, x, y, radius_x, radius_y)
    return None if row < 0 else int(row)


def points_between(tiles: Tiles, low: float, high: float) -> slice:
    """The points in the rows of tiles that the band low..high of y touches."""
    _, bottom, _, top = tiles.bounds
    first, last = _cell(low, bottom, top), _cell(high, bottom, top)
    return slice(tiles.starts[first * SIDE], tiles.starts[(last + 1) * SIDE])


def _bounds(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float, float]:
    if not len(x):
        return 0.0, 0.0, 1.0, 1.0
    low, high = np.array([x.min(), y.min()], float), np.array([x.max(), y.max()], float)
    high = np.where(high > low, high, low + 1.0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


@njit(nogil=True, cache=True)
def _cell(value, low, high):  # type: ignore[no-untyped-def]
    return _clamped((value - low) / (high - low) * SIDE)


@njit(nogil=True, cache=True)
def _clamped(coordinate):  # type: ignore[no-untyped-def]
    """A tile's number; clamped as a float, for what an int cannot hold converts to anything at all."""
    return int(min(max(coordinate, 0.0), SIDE - 1.0))


@njit(nogil=True, cache=True)
def _tile_index(x, y, left, bottom, right, top):  # type: ignore[no-untyped-def]
    index = np.empty(len(x), np.uint16)
    for i in range(len(x)):
        index[i] = _cell(y[i], bottom, top) * SIDE + _cell(x[i], left, right)
    return index


@njit(nogil=True, cache=True)
def _counting_sort(index, tiles):  # type: ignore[no-untyped-def]
    starts = np.zeros(tiles + 1, np.int64)
    for i in index:
        starts[i + 1] += 1
    starts = np.cumsum(starts)
    free = starts[:-1].copy()  # the next position of each tile that holds no row yet
    order = np.empty(len(index), np.int32)
    for i in range(len(index)):
        order[free[index[i]]] = i
        free[index[i]] += 1
    return order, starts


@njit(nogil=True, cache=True)
def _fill(x, y, order, starts, bounds, px, py, mask):  # type: ignore[no-untyped-def]
    left, bottom, right, top = bounds
    edges = np.empty(len(px), np.int64)
    state = np.empty(SIDE, np.uint8)  # 0 outside, 1 inside, 2 an edge passes
    for row in range(SIDE):
        low = bottom + (row - _MARGIN) / SIDE * (top - bottom)
        high = bottom + (row + 1 + _MARGIN) / SIDE * (top - bottom)
        count = _edges_between(px, py, low, high, edges)
        if count == 0:
            continue  # no edge crosses this row of tiles, so nothing of it is inside
        state[:] = 0
        _mark(px, py, edges[:count], low, high, left, right, state)
        _decide(px, py, edges[:count], (low + high) / 2, left, right, state)
        for column in range(SIDE):
            for i in range(starts[row * SIDE + column], starts[row * SIDE + column + 1]):
                if state[column] == 1:
                    mask[order[i]] = True
                elif state[column] == 2:
                    mask[order[i]] = crossed_oddly(px, py, edges[:count], x[i], y[i])


@njit(nogil=True, cache=True)
def _edges_between(px, py, low, high, edges):  # type: ignore[no-untyped-def]
    """Collects the edges that touch the band low..high of y; edge i runs from corner i - 1 to corner i."""
    count = 0
    for i in range(len(px)):
        if min(py[i - 1], py[i]) <= high and max(py[i - 1], py[i]) >= low:
            edges[count] = i
            count += 1
    return count


@njit(nogil=True, cache=True)
def _mark(px, py, edges, low, high, left, right, state):  # type: ignore[no-untyped-def]
    for i in edges:
        x0, y0, x1, y1 = px[i - 1], py[i - 1], px[i], py[i]
        if y0 != y1:
            first, last = max(low, min(y0, y1)), min(high, max(y0, y1))
            run, rise = x1 - x0, y1 - y0
            x0, x1 = x0 + run * ((first - y0) / rise), x0 + run * ((last - y0) / rise)
        scale = SIDE / (right - left)
        begin = (min(x0, x1) - left) * scale - _MARGIN
        end = (max(x0, x1) - left) * scale + _MARGIN
        if end >= 0.0:  # the last column holds the points at the right border, where the coordinate is SIDE
            for column in range(_clamped(begin), _clamped(end) + 1):
                state[column] = 2


@njit(nogil=True, cache=True)
def _decide(px, py, edges, middle, left, right, state):  # type: ignore[no-untyped-def]
    for column in range(SIDE):
        if state[column] == 0:
            center = left + (column + 0.5) / SIDE * (right - left)
            state[column] = 1 if crossed_oddly(px, py, edges, center, middle) else 0


@njit(nogil=True, cache=True)
def crossed_oddly(px, py, edges, x, y):  # type: ignore[no-untyped-def]
    """Whether (x, y) is inside by the even-odd rule on the ray to the right, over edges that can cross it."""
    inside = False
    for i in edges:
        x0, y0, x1, y1 = px[i - 1], py[i - 1], px[i], py[i]
        if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
            inside = not inside
    return inside


@njit(nogil=True, cache=True)
def _nearest(x, y, order, starts, bounds, at_x, at_y, radius_x, radius_y):  # type: ignore[no-untyped-def]
    left, bottom, right, top = bounds
    best, row = 1.0, -1
    first, last = _cell(at_x - radius_x, left, right), _cell(at_x + radius_x, left, right)
    for tile_row in range(_cell(at_y - radius_y, bottom, top), _cell(at_y + radius_y, bottom, top) + 1):
        for i in range(starts[tile_row * SIDE + first], starts[tile_row * SIDE + last + 1]):
            distance = ((x[i] - at_x) / radius_x) ** 2 + ((y[i] - at_y) / radius_y) ** 2
            if distance < best:
                best, row = distance, order[i]
    return row
