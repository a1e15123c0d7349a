"""What the map shows of a run: which map, what of it is visible, and the picture of its points."""

from math import floor, log10
from typing import NamedTuple

import numpy as np

from dashboards.data.maps import Map
from dashboards.data.population import Mask, Population
from dashboards.kernels.shading import Viewport, aggregate_groups, count_groups, shade
from dashboards.session.state import Extent
from dashboards.views.map.coloring import coloring

_PADDING = 0.04  # of the map's extent, on every side
_DIGITS = 4  # of a place in sight, in an address: less than a pixel


class Axes(NamedTuple):
    """What the axes belong to, (run, map), and where they are: while that stays, so does a person's zoom."""

    owner: tuple[str, str]
    view: Viewport


class Counted(NamedTuple):
    """How many points are near each pixel, uint32 (y, x): the same for every selection and color."""

    chosen: Map
    view: Viewport
    points: np.ndarray


class Shaded(NamedTuple):
    """Palette indices uint8 (y, x), bottom row first, and the count that the next picture can start from."""

    pixels: np.ndarray
    counted: Counted


def whole_map(chosen: Map, size: tuple[int, int]) -> Viewport:
    """All of a map on (width, height) pixels."""
    left, bottom, right, top = chosen.tiles.bounds
    pad_x, pad_y = _PADDING * (right - left), _PADDING * (top - bottom)
    return Viewport(left - pad_x, bottom - pad_y, right + pad_x, top + pad_y, *size)


def in_sight(chosen: Map, extent: Extent | None, size: tuple[int, int]) -> Viewport:
    """The part of a map that an address says, on (width, height) pixels."""
    if extent is None:
        return whole_map(chosen, size)
    left, right, bottom, top = extent
    return Viewport(left, bottom, right, top, *size)


def extent_of(chosen: Map, view: Viewport) -> Extent | None:
    """The words of an address for a viewport; None: it is all of the map."""
    whole = whole_map(chosen, (view.width, view.height))
    return None if view.is_empty or _rounded(view) == _rounded(whole) else _rounded(view)


def _rounded(view: Viewport) -> Extent:
    across = _DIGITS - floor(log10(view.right - view.left))
    up = _DIGITS - floor(log10(view.top - view.bottom))
    return round(view.left, across), round(view.right, across), round(view.bottom, up), round(view.top, up)


def shaded(
    table: Population, chosen: Map, color: str, mask: Mask | None, view: Viewport, counted: Counted | None
) -> Shaded:
    """The picture of a viewport.

    `counted` of the same map and viewport leaves only what is selected to count. Where all are counted, and
    points are single pixels, Datashader counts them.
    """
    used, dot = coloring(table, color), _dot(table.rows)
    whole = counted.points if mask is not None and counted and counted[:2] == (chosen, view) else None
    if dot or whole is not None:
        counts = count_groups(chosen.tiles, used.group, mask, view, dot, whole)
    else:
        counts = aggregate_groups(chosen.tiles, used.group, mask, view)
    points = np.einsum("yxg->yx", counts) if whole is None else whole  # four times as fast as `sum`
    return Shaded(shade(counts, used.weight), Counted(chosen, view, points))


def _dot(rows: int) -> float:
    """Radius of a point in pixels: large where there are few."""
    return 2.2 if rows <= 3_000 else 1.5 if rows <= 20_000 else 1.0 if rows <= 100_000 else 0.0
