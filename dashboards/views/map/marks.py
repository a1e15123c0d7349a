"""What is marked on the map: the sample under study, and the one under the pointer with its picture."""

from dashboards.data.captions import verdict
from dashboards.data.maps import Map
from dashboards.data.population import Population
from dashboards.kernels.shading import Viewport
from dashboards.views.map import overlays
from dashboards.views.map.thumbnail import data_url

_FOCUS, _HOVER = (16.0, 3.0), (12.0, 2.0)  # diameter and line width of a ring in px


def rings(table: Population, shown: Map, focus: int | None, hover: int | None) -> overlays.RingColumns:
    """A ring around each of two samples that has a row."""
    marked = overlays.RingColumns([], [], [], [])
    for sample, look in ((focus, _FOCUS), (hover, _HOVER)):
        row = None if sample is None else table.row_of(sample)
        if row is not None:
            values = (float(shown.x[row]), float(shown.y[row]), *look)
            for column, value in zip(marked, values, strict=True):
                column.append(value)
    return marked


def tip(table: Population, shown: Map, view: Viewport, sample: int | None) -> overlays.TipColumns:
    """A sample's picture beside its point, and what it is; nothing for None."""
    row = None if sample is None else table.row_of(sample)
    if row is None:
        return overlays.TipColumns([], [], [], [], [])
    picture = data_url(table.images([row])[0], overlays.TIP_PIXELS)
    return overlays.tip(float(shown.x[row]), float(shown.y[row]), view, picture, verdict(table, row))
