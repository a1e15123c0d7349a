"""Plots for notebooks, linked by HoloViews alone."""

from collections.abc import Callable
from pathlib import Path

import holoviews as hv
import numpy as np
import panel as pn
import pytest
from chromium import Figure
from playwright.sync_api import Page

import deepvid
from dashboards import plots


@pytest.mark.parametrize("brushed", ["map", "confusion"])
def test_a_box_on_one_brushes_the_other(
    page: Page,
    serve_component: Callable[..., str],
    figure: Callable[[str], Figure],
    wait_until: Callable[..., object],
    tiny_run: Path,
    brushed: str,
) -> None:
    hv.extension("bokeh")
    table = plots.samples(deepvid.open_run(tiny_run))

    def build() -> pn.pane.HoloViews:
        both = {"map": plots.map(table), "confusion": plots.confusion(table)}
        named = [
            plot.opts(
                active_tools=["box_select"], hooks=[lambda drawn, _, name=name: drawn.state.update(name=name)]
            )
            for name, plot in both.items()
        ]
        return pn.pane.HoloViews(hv.link_selections(hv.Layout(named)))

    serve_component(page, build)
    x0, x1, y0, y1 = figure(brushed).range()
    middle = (x0 + x1) / 2
    figure(brushed).drag([(x0 + (x1 - x0) / 50, y0 + (y1 - y0) / 50), (middle, y1 - (y1 - y0) / 50)])
    if brushed == "map":
        wanted = int((table["x"] < middle).sum())
    else:
        left = table.get_dimension("predicted").values[: int(middle)]
        wanted = int(np.isin(table["predicted"], left).sum())

    def selected() -> list[int]:
        """Images in what lies on what is not selected, in either plot."""
        counted = figure("confusion").model(
            "figure.renderers.map(one => [...(one.data_source.data.images ?? [])].map(Number))"
        )
        points = figure("map").model("figure.renderers.map(one => (one.data_source.data.x ?? []).length)")
        return [int(np.nansum(counted[1])), points[1]]

    wait_until(lambda: selected() == [wanted, wanted])
