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
from datashader import count_cat
from holoviews.operation.datashader import datashade, rasterize
from holoviews.selection import link_selections

from dashboards.data.population import population
from deepvid.store import open_run

hv.extension("bokeh")

LASSO = bool(find_spec("shapely") or find_spec("spatialpandas"))


def build() -> pn.Row:
    """A map colored by class and the confusion matrix, linked as the documentation shows."""
    run = pn.state.session_args["run"][0].decode()
    table = population(open_run(Path(os.environ["DEEPVID_STORE"]) / run))
    assert table is not None
    chosen = table.default_map
    assert chosen is not None
    names = pd.CategoricalDtype(range(table.class_count))
    data = pd.DataFrame({"x": chosen.x, "y": chosen.y, "predicted": table.predicted, "label": table.label})
    data["class"] = data["label"].astype(names)
    points = hv.Points(data, ["x", "y"], ["predicted", "label", "class"])
    cells = hv.Points(points.dataset, ["predicted", "label"])
    linked = link_selections.instance()
    tool = "lasso_select" if LASSO else "box_select"
    tools = {"tools": [tool], "active_tools": [tool]}
    shaded = datashade(points, aggregator=count_cat("class")).opts(
        width=700, height=480, hooks=[_named], **tools
    )
    ends = (-0.5, table.class_count - 0.5)
    counted = rasterize(
        cells, width=table.class_count, height=table.class_count, x_range=ends, y_range=ends, dynamic=False
    ).opts(width=340, height=320)
    return pn.Row(linked(shaded), linked(counted))


def _named(plot: object, _: object) -> None:
    figure = plot.state  # type: ignore[attr-defined]
    figure.name = "map"
    kind = LassoSelectTool if LASSO else BoxSelectTool
    figure.toolbar.active_drag = next(tool for tool in figure.tools if isinstance(tool, kind))


build().servable()
