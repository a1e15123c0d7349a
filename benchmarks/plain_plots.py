"""The pictures of the baselines of `dashboard.py`, as HoloViews' documentation makes them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import holoviews as hv
import pandas as pd
import panel as pn
from datashader import count_cat
from holoviews.operation.datashader import datashade, rasterize


def points(frame: pd.DataFrame) -> hv.Points:
    """Where each image is."""
    return hv.Points(frame, ["x", "y"], ["predicted", "label", "class"])


def shaded(placed: Any) -> Any:
    """The map: points, or a DynamicMap of them, colored by class."""
    return datashade(placed, aggregator=count_cat("class")).opts(width=700, height=480, hooks=[named("map")])


def confusion(cells: Any, classes: int, **more: Any) -> Any:
    """The confusion matrix: how many points there are of predicted and true class."""
    ends = (-0.5, classes - 0.5)
    counted = rasterize(cells, width=classes, height=classes, x_range=ends, y_range=ends, **more)
    return counted.opts(width=340, height=320)


class Picture(NamedTuple):
    """A plot of the values of widgets, and how it is shown."""

    draw: Callable[..., Any]
    show: Callable[[Any], Any] = lambda drawn: drawn


def drawn_anew(pictures: Sequence[Picture], *widgets: Any) -> Any:
    """Pictures side by side that are made again at every change, as `pn.bind` alone does."""

    def draw(*values: Any) -> Any:
        return _side_by_side(picture.show(picture.draw(*values)) for picture in pictures)

    return pn.pane.HoloViews(pn.bind(draw, *widgets))


def kept(pictures: Sequence[Picture], *widgets: Any) -> Any:
    """Pictures side by side that are made once, and whose data are replaced: HoloViews' quicker way."""
    dynamic = (picture.show(hv.DynamicMap(pn.bind(picture.draw, *widgets))) for picture in pictures)
    return pn.pane.HoloViews(_side_by_side(dynamic))


THROUGH = {"pn.bind": drawn_anew, "hv.DynamicMap": kept}


def _side_by_side(pictures: Iterable[Any]) -> Any:
    layout = hv.Layout(list(pictures))
    return layout.cols(len(layout)).opts(shared_axes=False)


def named(name: str) -> Any:
    """A hook that gives the figure a name, by which a page is known to be painted."""

    def hook(plot: Any, _: object) -> None:
        plot.state.name = name

    return hook
