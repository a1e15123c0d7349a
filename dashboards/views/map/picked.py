"""Dots of a selection that is small: a few pixels of a picture would be overlooked."""

import numpy as np

from dashboards.data.maps import Map
from dashboards.data.population import Mask, Population
from dashboards.views.map.coloring import coloring
from dashboards.views.map.columns import AroundColumns

MOST = 500  # selected points, up to which each has a dot
_OTHER = "#8A8F99"  # of what has no color of its own


def picked(table: Population, chosen: Map, color: str, mask: Mask | None) -> AroundColumns:
    """A dot of its color for each point that is selected; none of many, and without a selection."""
    if mask is None or np.count_nonzero(mask) > MOST:
        return AroundColumns([], [], [])
    rows = np.flatnonzero(mask)
    rows = rows[np.isfinite(chosen.x[rows])]
    group, groups = coloring(table, color)
    colors = [groups[index].color or _OTHER for index in group[rows].tolist()]
    return AroundColumns(chosen.x[rows].tolist(), chosen.y[rows].tolist(), colors)
