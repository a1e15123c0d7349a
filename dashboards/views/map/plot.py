"""The map as HoloViews draws it: the picture of its points, and its tools."""

from typing import Any, NamedTuple

import holoviews as hv
import holoviews.plotting.bokeh
import numpy as np

from dashboards.kernels.shading import LEVELS, Viewport
from dashboards.theme import Palette
from dashboards.views.map.coloring import Coloring

hv.Store.set_current_backend("bokeh")

_TOOLS = ("lasso_select", "box_select", "pan", "wheel_zoom", "reset")


class PictureColumns(NamedTuple):
    """Columns of the source that HoloViews draws an element from."""

    image: list[np.ndarray]
    x: list[float]
    y: list[float]
    dw: list[float]
    dh: list[float]


def element(index: np.ndarray, view: Viewport, colors: list[str], hooks: list[Any]) -> hv.Image:
    """The picture of palette indices uint8 (y, x), bottom row first, on its axes with their tools."""
    bounds = (view.left, view.bottom, view.right, view.top)
    return hv.Image(index[::-1], bounds=bounds).opts(
        cmap=colors,
        clim=(0, len(colors) - 1),
        responsive=True,
        min_height=120,
        default_tools=[],
        tools=list(_TOOLS),
        active_tools=["lasso_select", "wheel_zoom"],
        xaxis=None,
        yaxis=None,
        show_frame=False,
        toolbar="right",
        hooks=hooks,
    )


def picture(index: np.ndarray, view: Viewport) -> PictureColumns:
    """The same picture for the element's live source."""
    return PictureColumns(
        [index], [view.left], [view.bottom], [view.right - view.left], [view.top - view.bottom]
    )


def index_palette(chosen: Coloring, theme: Palette) -> list[str]:
    """256 colors for the indices of `kernels.shading.shade`; 0 is transparent."""
    ramps = ["#00000000", *_ramp(theme.quiet, theme.surface, 0.22, 0.5)]
    for _, color, _ in chosen.groups[1:]:
        ramps += _ramp(color, theme.surface, 0.55, 1.0)
    return ramps + ["#00000000"] * (256 - len(ramps))


def _ramp(color: str, ground: str, first: float, last: float) -> list[str]:
    """Colors from mostly `ground` to `color`, one for each level of density."""
    ends = np.array([[int(hexadecimal[i : i + 2], 16) for i in (1, 3, 5)] for hexadecimal in (ground, color)])
    shares = np.linspace(first, last, LEVELS)[:, None]
    mixed = np.rint(ends[0] * (1 - shares) + ends[1] * shares).astype(int)
    return ["#{:02X}{:02X}{:02X}".format(*row) for row in mixed]
