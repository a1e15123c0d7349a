"""The baseline of `dashboard.py`: the same points through HoloViews' own `link_selections`.

A lasso where shapely or spatialpandas is installed, with one of which HoloViews tests the points; DeepVID
needs neither, and without them a box, which is cheaper, stands for it. Served by Panel in a process of its
own; $DEEPVID_STORE names the store and `?run=` the run.
"""

import os
from importlib.util import find_spec
from pathlib import Path

import holoviews as hv
import pandas as pd
import panel as pn
from bokeh.models import BoxSelectTool, LassoSelectTool
from holoviews.operation import histogram
from holoviews.operation.datashader import datashade
from holoviews.selection import link_selections

from dashboards.frames.population import population
from deepvid.store import open_run

hv.extension("bokeh")

LASSO = bool(find_spec("shapely") or find_spec("spatialpandas"))


def build() -> pn.Row:
    """A datashaded map and a histogram of the predictions, linked as the documentation shows."""
    run = pn.state.session_args["run"][0].decode()
    table = population(open_run(Path(os.environ["DEEPVID_STORE"]) / run))
    assert table is not None
    chosen = table.default_map
    assert chosen is not None
    data = pd.DataFrame({"x": chosen.x, "y": chosen.y, "predicted": table.predicted})
    points = hv.Points(data, ["x", "y"], ["predicted"])
    linked = link_selections.instance()
    tool = "lasso_select" if LASSO else "box_select"
    tools = {"tools": [tool], "active_tools": [tool]}
    shaded = datashade(points).opts(width=700, height=480, hooks=[_named], **tools)
    bars = histogram(points, dimension="predicted", bins=table.class_count).opts(width=340, height=320)
    return pn.Row(linked(shaded), linked(bars))


def _named(plot: object, _: object) -> None:
    figure = plot.state  # type: ignore[attr-defined]
    figure.name = "map"
    kind = LassoSelectTool if LASSO else BoxSelectTool
    figure.toolbar.active_drag = next(tool for tool in figure.tools if isinstance(tool, kind))


build().servable()
