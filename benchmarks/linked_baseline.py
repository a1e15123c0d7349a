"""The baseline of `dashboard.py`: the same points through HoloViews' own `link_selections`.

A lasso where shapely or spatialpandas is installed, with one of which HoloViews tests the points; DeepVID
needs neither, and without them a box, which is cheaper, stands for it.
"""

from importlib.util import find_spec

import holoviews as hv
import panel as pn
from bokeh.models import BoxSelectTool, LassoSelectTool
from holoviews.selection import link_selections
from plain_plots import confusion, named, points, shaded
from plain_rows import rows

hv.extension("bokeh")

LASSO = bool(find_spec("shapely") or find_spec("spatialpandas"))


def build() -> pn.Row:
    """A map colored by class and the confusion matrix, linked as the documentation shows."""
    frame, names = rows()
    placed = points(frame)
    cells = hv.Points(placed.dataset, ["predicted", "label"])
    linked = link_selections.instance()
    tool = "lasso_select" if LASSO else "box_select"
    plot = shaded(placed).opts(hooks=[named("map"), _active], tools=[tool], active_tools=[tool])
    return pn.Row(linked(plot), linked(confusion(cells, len(names), dynamic=False)))


def _active(plot: object, _: object) -> None:
    figure = plot.state  # type: ignore[attr-defined]
    kind = LassoSelectTool if LASSO else BoxSelectTool
    figure.toolbar.active_drag = next(tool for tool in figure.tools if isinstance(tool, kind))


build().servable()
