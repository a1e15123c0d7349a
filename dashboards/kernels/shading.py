"""From points to a picture of palette indices: which group leads a pixel, and how dense it is.

The same picture as Datashader's `count_cat` then `spread` then `shade`, as one byte a pixel: the leading
group instead of a blend of all, and a few steps of density instead of an alpha channel.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numba import njit, uint32

from dashboards.kernels.counts import require_rows
from dashboards.kernels.tiles import Tiles, points_between

LEVELS = 12  # steps of density; groups x LEVELS + 1 fit into a byte up to 21 groups
MOST_GROUPS = 21


class Viewport(NamedTuple):
    """The visible part of a map, in data coordinates, and its size in pixels."""

    left: float
    bottom: float
    right: float
    top: float
    width: int
    height: int

    @property
    def is_empty(self) -> bool:
        """Whether it has no area: an axis without a range, or a reversed one."""
        return not (self.right > self.left and self.top > self.bottom)


def stamp(radius: float) -> np.ndarray:
    """The pixels of a disc around a point: int32 (pixel, 2) of (y, x) offsets; radius 0 is one pixel."""
    reach = int(radius)
    offsets = np.mgrid[-reach : reach + 1, -reach : reach + 1].reshape(2, -1).T
    return np.ascontiguousarray(offsets[(offsets**2).sum(axis=1) <= radius**2 + 0.3], np.int32)


def count_groups(
    tiles: Tiles,
    group: np.ndarray,
    mask: np.ndarray | None,
    view: Viewport,
    radius: float,
    whole: np.ndarray | None = None,
) -> np.ndarray:
    """Points of each group near each pixel: uint32 (y, x, group), bottom row first.

    `group` uint8 and `mask` bool are (row,). A row outside `mask` counts in group 0, whatever its own:
    that is the group of what is not selected. A row that is not in view counts nowhere. `whole`, uint32
    (y, x), is what any count of the same tiles, view and radius sums to: with it only the rows in `mask` are
    looked at, and taken out of group 0.
    """
    if mask is not None:
        require_rows(mask, len(group))
    counts = np.zeros((view.height, view.width, int(group.max(initial=0)) + 1), np.uint32)
    if not view.is_empty:
        visible = points_between(tiles, view.bottom, view.top)
        everything = np.empty(0, np.bool_) if mask is None else mask
        x, y, order = tiles.x[visible], tiles.y[visible], tiles.order[visible]
        known = None if mask is None else whole
        if known is not None:
            counts[:, :, 0] = known
        _count(x, y, order, group, everything, known is not None, view, stamp(radius), counts)
    return counts


def shade(counts: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Palette indices uint8 (y, x): 0 where nothing is, else 1 + group x LEVELS + level.

    The leading group of a pixel has the largest count x `weight`, f64 (group,); the first of equals. The
    level is the logarithm of its count over the largest count with which it leads any pixel, or any other
    group but 0 does, as Datashader's `how="log"`: what is not selected has a scale of its own.
    """
    return _shade(counts, np.ascontiguousarray(weight[: counts.shape[2]], np.float64), LEVELS)


@njit(nogil=True, cache=True)
def _count(x, y, order, group, mask, known, view, disc, counts):  # type: ignore[no-untyped-def]
    left, bottom, right, top, width, height = view
    scale_x, scale_y = width / (right - left), height / (top - bottom)
    shift_x, shift_y = -left * scale_x, -bottom * scale_y  # with Datashader's rounding
    for i in range(len(x)):
        row = uint32(order[i])  # unsigned: a signed index may count from the end, and is asked each time
        if known and not mask[row]:
            continue
        if not (left <= x[i] <= right and bottom <= y[i] <= top):
            continue
        at_x = uint32(min(max(x[i] * scale_x + shift_x, 0.0), width - 1.0))  # the far border is the last's
        at_y = uint32(min(max(y[i] * scale_y + shift_y, 0.0), height - 1.0))
        which = group[row] if len(mask) == 0 else group[row] * mask[row]
        if len(disc) == 1:  # as where there are millions: a quarter faster than a loop of one
            counts[at_y, at_x, which] += 1
            if known:
                counts[at_y, at_x, 0] -= 1
            continue
        for k in range(len(disc)):
            y_pixel, x_pixel = int(at_y) + disc[k, 0], int(at_x) + disc[k, 1]
            if 0 <= y_pixel < height and 0 <= x_pixel < width:
                counts[y_pixel, x_pixel, which] += 1
                if known:
                    counts[y_pixel, x_pixel, 0] -= 1


@njit(nogil=True, cache=True)
def _shade(counts, weight, levels):  # type: ignore[no-untyped-def]
    lead, most = _lead(counts, weight)
    scale = levels / np.log1p(most)
    for row in range(counts.shape[0]):
        for column in range(counts.shape[1]):
            k = lead[row, column]
            count = counts[row, column, k]
            if count > 0:
                level = int(np.log1p(count) * scale[min(k, 1)])
                lead[row, column] = 1 + k * levels + min(level, levels - 1)
    return lead


@njit(nogil=True, cache=True)
def _lead(counts, weight):  # type: ignore[no-untyped-def]
    """The leading group of each pixel, and the largest count of a leader: [of group 0, of any other]."""
    height, width, groups = counts.shape
    lead, most = np.zeros((height, width), np.uint8), np.ones(2)
    for row in range(height):
        for column in range(width):
            best = 0.0
            for k in range(groups):
                count = counts[row, column, k]
                if count * weight[k] > best:
                    best, lead[row, column] = count * weight[k], k
            k = lead[row, column]
            most[min(k, 1)] = max(most[min(k, 1)], counts[row, column, k])
    return lead, most


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
