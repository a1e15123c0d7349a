"""The figure of the flat map: HoloViews draws it and owns its axes; what of it is live is written into."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol
from weakref import WeakMethod

import holoviews as hv
import numpy as np
import panel as pn
from holoviews.plotting.bokeh.callbacks import PlotSizeCallback, RangeXYCallback
from holoviews.streams import PlotSize, RangeXY

from dashboards.kernels.shading import Viewport
from dashboards.views.map import overlays, plot

RangeXYCallback.debounce = PlotSizeCallback.debounce = 40  # ms; the default is 100

_SIZE = (680, 420)  # px, until the browser says

Hook = Callable[[Any, Any], None]
"""Of HoloViews: it is called with a plot and its element."""


class Picture(Protocol):
    """What it is a figure of."""

    def element(self, hook: Hook) -> hv.Image:
        """The element for the axes as they are now; `hook` is one of its options."""

    def join(self, figure: Any) -> None:
        """A figure of Bokeh is there that was not before."""

    def dress(self) -> None:
        """It was drawn anew: what lies on it is to be written."""


class MapFigure:
    """There is a `view` and there are `overlays` as soon as a browser shows its pane, until it is let go."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._figure: Any = None
        self._handles: dict[str, Any] = {}
        self.overlays: overlays.Overlays | None = None
        self.size = _SIZE

    def pane(self) -> pn.pane.HoloViews:
        """HoloViews asks for an element whenever a person zooms, pans or resizes."""
        picture = hv.DynamicMap(self._element, streams=[RangeXY(), PlotSize()])
        return pn.pane.HoloViews(picture, sizing_mode="stretch_both", linked_axes=False, margin=0)

    def leave(self) -> None:
        """The next figure is a new one."""
        self._figure = self.overlays = None

    @property
    def view(self) -> Viewport | None:
        """Where its axes are; None before there is a figure."""
        if self._figure is None:
            return None
        x, y = self._handles["x_range"], self._handles["y_range"]
        return Viewport(x.start, y.start, x.end, y.end, *self.size)

    def fit(self, view: Viewport) -> None:
        """Moves its axes."""
        for axis, low, high in _spans(view):
            self._handles[axis].update(start=low, end=high)

    def reset_to(self, view: Viewport) -> None:
        """Where its reset tool brings the axes."""
        for axis, low, high in _spans(view):
            self._handles[axis].update(reset_start=low, reset_end=high)

    def show(self, pixels: np.ndarray, view: Viewport) -> None:
        """Writes a picture into the live source: uint8 (y, x), of the colors' indices."""
        self._handles["source"].data = plot.picture(pixels, view)._asdict()

    def color(self, colors: list[str]) -> None:
        """Gives the indices their colors."""
        self._handles["color_mapper"].palette = colors

    def hold(self) -> AbstractContextManager[Any]:
        """Merges what is written inside into one message to the browser."""
        return pn.io.hold(self._figure.document)

    def _element(self, width: int | None, height: int | None, **_: Any) -> hv.Image:
        """What HoloViews passes of the axes was last said by a zoom, maybe of another map: `view` is true."""
        if width and height:
            self.size = (int(np.clip(width, 50, 4000)), int(np.clip(height, 50, 4000)))
        return self._picture.element(_weakly(self._adopt))

    def _adopt(self, drawn: Any, _: hv.Image) -> None:
        """HoloViews' hook: takes the live source, and decorates a figure seen for the first time."""
        self._handles = drawn.handles
        if drawn.state is not self._figure:
            self._figure = drawn.state
            self.overlays = overlays.decorate(drawn.state)
            self._picture.join(drawn.state)
        self._picture.dress()


def _weakly(hook: Hook) -> Hook:
    """HoloViews keeps an element's options for the whole process: its hook must not keep the view alive."""
    reference = WeakMethod(hook)

    def call(drawn: Any, element: Any) -> None:
        if (method := reference()) is not None:
            method(drawn, element)

    return call


def _spans(view: Viewport) -> tuple[tuple[str, float, float], ...]:
    return ("x_range", view.left, view.right), ("y_range", view.bottom, view.top)
