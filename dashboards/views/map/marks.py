"""Rings of the samples under study, pinned and under the pointer, and the last one's picture."""

from dashboards.data.captions import verdict
from dashboards.data.maps import Map
from dashboards.data.population import Population
from dashboards.kernels.shading import Viewport
from dashboards.views.map import overlays
from dashboards.views.map.columns import RingColumns, TipColumns
from dashboards.views.map.thumbnail import data_url

_FOCUS, _PIN, _HOVER = (16.0, 3.0), (22.0, 1.5), (12.0, 2.0)  # diameter and line width of a ring in px


def rings(
    table: Population, shown: Map, focus: int | None, hover: int | None, pin: int | None = None
) -> RingColumns:
    """A ring around each of these samples that has a row."""
    marked = RingColumns([], [], [], [])
    for sample, look in ((focus, _FOCUS), (pin, _PIN), (hover, _HOVER)):
        row = None if sample is None else table.row_of(sample)
        if row is not None:
            values = (float(shown.x[row]), float(shown.y[row]), *look)
            for column, value in zip(marked, values, strict=True):
                column.append(value)
    return marked


def tip(table: Population, shown: Map, view: Viewport, sample: int | None) -> TipColumns:
    """A sample's picture beside its point, and what it is; nothing for None."""
    row = None if sample is None else table.row_of(sample)
    if row is None:
        return TipColumns([], [], [], [], [])
    picture = data_url(table.images([row])[0], overlays.TIP_PIXELS)
    return overlays.tip(float(shown.x[row]), float(shown.y[row]), view, picture, verdict(table, row))
