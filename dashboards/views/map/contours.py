"""Where each class is densest on a map: curves around half and nine tenths of its images."""

from functools import lru_cache

import numpy as np
from bokeh.plotting.contour import contour_data

from dashboards.data.maps import Map
from dashboards.data.population import Population
from dashboards.kernels.shading import count_groups
from dashboards.views.map.coloring import coloring, named_groups
from dashboards.views.map.columns import ContourColumns
from dashboards.views.map.table import whole_map

SHARES = {0.9: 1.0, 0.5: 2.0}  # of a class inside a curve -> width of its line, px
_CELLS = 128  # of the grid that densities are counted on, a side
_REACH = 1.6  # cells: standard deviation of the blur


@lru_cache(maxsize=6)
def contours(table: Population, chosen: Map, color: str) -> ContourColumns:
    """Of the classes that `color` shows, or else the true ones: the same for every selection."""
    color = color if named_groups(table, color) else "label"
    view = whole_map(chosen, (_CELLS, _CELLS))
    counts = count_groups(chosen.tiles, coloring(table, color).group, None, view, 0.0)
    x, y = (
        low + (np.arange(_CELLS) + 0.5) * (high - low) / _CELLS
        for low, high in ((view.left, view.right), (view.bottom, view.top))
    )
    drawn = ContourColumns([], [], [], [])
    for group, _, shade in named_groups(table, color):
        if group >= counts.shape[2] or not counts[:, :, group].any():
            continue
        density = blur(counts[:, :, group])
        for share, width in SHARES.items():
            lines = contour_data(x, y, density, [level_around(density, share)], want_fill=False).line_data
            assert lines is not None
            drawn.xs.append(lines.xs[0])
            drawn.ys.append(lines.ys[0])
            drawn.color.append(shade)
            drawn.width.append(width)
    return drawn


def blur(counts: np.ndarray) -> np.ndarray:
    """K C Kᵀ, f64 (y, x): counts under a Gaussian whose rows sum to one."""
    away = np.arange(len(counts))[:, None] - np.arange(len(counts))
    kernel = np.exp(-0.5 * (away / _REACH) ** 2)
    kernel /= kernel.sum(axis=1, keepdims=True)
    return np.asarray(kernel @ counts @ kernel.T)


def level_around(density: np.ndarray, share: float) -> float:
    """The density above which `share` of all lies: that of the smallest region which holds so much."""
    descending = np.sort(density, axis=None)[::-1]
    inside = np.cumsum(descending)
    return float(descending[int(np.searchsorted(inside, share * inside[-1]))])
