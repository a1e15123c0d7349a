"""The flat map: every sample as a point of a picture, with the axes that a person left."""

from collections.abc import Callable
from typing import Any, NamedTuple
from weakref import WeakMethod

import holoviews as hv
import numpy as np
import panel as pn
from bokeh.events import KeyModifiers, PanStart, PointEvent, SelectionGeometry
from holoviews.plotting.bokeh.callbacks import PlotSizeCallback, RangeXYCallback
from holoviews.streams import PlotSize, RangeXY

from dashboards.data.maps import Map
from dashboards.data.population import Mask, Population
from dashboards.kernels.shading import Viewport
from dashboards.session.gestures import Polygon
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.theme import palette
from dashboards.views.map import overlays, plot
from dashboards.views.map.acting import Acting
from dashboards.views.map.coloring import coloring, labels
from dashboards.views.map.cursor import MapCursor, Point
from dashboards.views.map.marks import rings, tip
from dashboards.views.map.outlines import corners, outlines, sketch
from dashboards.views.map.placement import spread_labels
from dashboards.views.map.table import Axes, Counted, Shaded, shaded, whole_map
from dashboards.widgets.modifiers import on_click

RangeXYCallback.debounce = PlotSizeCallback.debounce = 40  # ms; the default is 100

_REACH = 12.0  # px around the pointer in which a sample is near
_SIZE = (680, 420)  # px, until the browser says


class Own(NamedTuple):
    """What it knows of itself: its axes, its size in pixels, what was counted for the last picture."""

    axes: Axes | None
    size: tuple[int, int]
    counted: Counted | None


class Drawn(NamedTuple):
    """What it will show."""

    table: Population
    chosen: Map
    axes: Axes
    shaded: Shaded
    outlines: overlays.OutlineColumns
    mask: Mask | None
    color: str
    dark: bool


class PlaneSurface:
    """A figure of HoloViews, whose live source each gesture writes into."""

    def __init__(self, session: Session, acting: Acting) -> None:
        self._session, self._acting = session, acting
        self._figure: Any = None
        self._handles: dict[str, Any] = {}
        self._overlays: overlays.Overlays | None = None
        self._shown: Drawn | None = None
        self._size = _SIZE
        self._held: KeyModifiers | None = None
        self._pointing = False
        self._dressed: tuple[Any, ...] = ()
        self._sketched: list[Point] = []
        self._cursor = MapCursor(session, acting, self)
        self._body = pn.Column(sizing_mode="stretch_both", margin=0)
        self.content = pn.Column(self._cursor, self._body, sizing_mode="stretch_both", margin=0)

    def own(self) -> Own:
        """Its axes as a person left them."""
        counted = self._shown.shaded.counted if self._shown else None
        return Own(self._axes(), self._size, counted)

    def prepare(self, scene: Scene, table: Population, chosen: Map) -> Drawn:
        """Shades the viewport for the mask."""
        own: Own = scene.own
        assert scene.run is not None
        owner = (scene.run.id, chosen.name)
        kept = own.axes if own.axes and own.axes.owner == owner else None
        axes = kept or Axes(owner, whole_map(chosen, own.size))
        picture = shaded(table, chosen, scene.color, scene.mask, axes.view, own.counted)
        lassos = outlines(scene.steps, chosen)
        return Drawn(table, chosen, axes, picture, lassos, scene.mask, scene.color, scene.dark)

    def publish(self, prepared: Drawn) -> None:
        """Writes the picture into the live source."""
        before, self._shown = self._shown, prepared
        axes = prepared.axes
        if self._figure is None:
            if before is None:
                self._body[:] = [self._pane()]
            return
        if before is None or before.axes.owner != axes.owner:
            self._fit(axes.view)
            self._reset_to(axes.view)
            self._cursor.forget()
        self._handles["source"].data = plot.picture(prepared.shaded.pixels, axes.view)._asdict()
        if before is None or before.outlines != prepared.outlines:
            self._outline()
        if (dress := self._dress(prepared)) != self._dressed:
            self._paint()
            self.mark()
            self.surround()
            self._dressed = dress

    def leave(self) -> None:
        """The next figure is a new one: its axes belong to another map."""
        self._shown = self._figure = self._overlays = None
        self._dressed, self._pointing = (), False
        self._cursor.forget()
        self._body[:] = []

    # --- what HoloViews draws

    def _pane(self) -> pn.pane.HoloViews:
        picture = hv.DynamicMap(self._picture, streams=[RangeXY(), PlotSize()])
        return pn.pane.HoloViews(picture, sizing_mode="stretch_both", linked_axes=False, margin=0)

    def _picture(self, width: int | None, height: int | None, **_: Any) -> hv.Image:
        """The element for a viewport; HoloViews asks whenever a person zooms, pans or resizes.

        What it passes of the axes was last said by a zoom, maybe of another map: the figure's own are true.
        """
        if width and height:
            self._size = (int(np.clip(width, 50, 4000)), int(np.clip(height, 50, 4000)))
        shown = self._shown
        assert shown is not None
        axes = self._axes() or Axes(shown.axes.owner, whole_map(shown.chosen, self._size))
        picture = shaded(shown.table, shown.chosen, shown.color, shown.mask, axes.view, shown.shaded.counted)
        self._shown = shown._replace(axes=axes, shaded=picture)
        return plot.element(picture.pixels, axes.view, self._colors(shown), [_weakly(self._adopt)])

    def _adopt(self, drawn: Any, _: hv.Image) -> None:
        """HoloViews' hook: takes the live source, and dresses a figure seen for the first time."""
        self._handles = drawn.handles
        if drawn.state is not self._figure:
            self._figure = drawn.state
            self._overlays = overlays.decorate(drawn.state)
            self._overlays.pointer.on_change("data", self._hear)
            self._cursor.join(drawn.state)
            drawn.state.on_event(PanStart, self._begin)
            drawn.state.on_event(SelectionGeometry, self._brush)
            on_click(drawn.state, self._tap)
        self._outline()
        self._paint()
        self.mark()
        self.surround()

    def _axes(self) -> Axes | None:
        """Where the figure's axes are now; None before there is a figure."""
        if self._figure is None or self._shown is None:
            return None
        x, y = self._handles["x_range"], self._handles["y_range"]
        return Axes(self._shown.axes.owner, Viewport(x.start, y.start, x.end, y.end, *self._size))

    def _fit(self, view: Viewport) -> None:
        for axis, low, high in _spans(view):
            self._handles[axis].update(start=low, end=high)

    def _reset_to(self, view: Viewport) -> None:
        for axis, low, high in _spans(view):
            self._handles[axis].update(reset_start=low, reset_end=high)

    # --- outlines, names, colors, rings

    def _outline(self) -> None:
        """Draws what the selection's lassos leave, also where they came by a link, and the one under way."""
        if self._shown is not None and self._overlays is not None:
            left, under_way = self._shown.outlines, sketch(self._sketched)
            self._overlays.outlines.data = {
                name: [*getattr(left, name), *getattr(under_way, name)] for name in left._fields
            }

    def _dress(self, shown: Drawn) -> tuple[Any, ...]:
        """What names, colors and rings depend on, but a gesture does not change."""
        return shown.table, shown.axes.owner, shown.color, shown.dark

    def _colors(self, shown: Drawn) -> list[str]:
        return plot.index_palette(coloring(shown.table, shown.color), palette(shown.dark))

    def _paint(self) -> None:
        shown, axes = self._shown, self._axes()
        if shown is None or axes is None or self._overlays is None:
            return
        overlays.paint(self._overlays, palette(shown.dark))
        self._cursor.paint(palette(shown.dark))
        self._handles["color_mapper"].palette = self._colors(shown)
        readable = spread_labels(labels(shown.table, shown.chosen, shown.color), axes.view)
        self._overlays.names.data = overlays.names(readable)._asdict()

    def mark(self, *_: Any) -> None:
        """Rings the sample under study and the one under the pointer, with its picture if it is here."""
        shown, axes, navigation = self._shown, self._axes(), self._session.navigation
        if shown is None or axes is None or self._overlays is None:
            return
        pointed = navigation.hover if self._pointing else None
        with pn.io.hold(self._figure.document):
            marked = rings(shown.table, shown.chosen, navigation.focus, navigation.hover)
            self._overlays.rings.data = marked._asdict()
            self._overlays.tip.data = tip(shown.table, shown.chosen, axes.view, None)._asdict()
            if pointed is not None:  # its picture may be unreadable: the last one's must not stay
                self._overlays.tip.data = tip(shown.table, shown.chosen, axes.view, pointed)._asdict()

    def surround(self) -> None:
        """Rings the neighbors of the image under study that belong to this map, and says what they are."""
        shown, around = self._shown, self._session.around
        if shown is None or self._overlays is None:
            return
        if around is not None and (around.run, around.map) != shown.axes.owner:
            around = None
        self._overlays.around.data = overlays.around(around)._asdict()
        self._overlays.note.update(visible=around is not None, text="" if around is None else around.words)

    # --- what a person does

    def _begin(self, event: PanStart) -> None:
        self._held = event.modifiers

    def _brush(self, event: SelectionGeometry) -> None:
        shape: Any = event.geometry
        if self._shown is None or shape is None:
            return
        x, y = corners(shape)
        self._acting.brush(Polygon.drawn(self._shown.chosen.name, x, y), self._held)

    def _tap(self, event: PointEvent) -> None:
        sample = self._near(event.x, event.y)
        if sample is not None:
            self._acting.pick(sample, event.modifiers)

    def _hear(self, _: str, __: Any, data: dict[str, list[float]]) -> None:
        self.point((data["x"][0], data["y"][0]) if data["x"] else None)

    def point(self, at: Point | None) -> int | None:
        """Rings the image nearest to a place, with its picture; None: nobody points any more."""
        sample = None if at is None else self._near(*at)
        before, self._pointing = self._pointing, at is not None
        if sample != self._session.navigation.hover:
            with self._session.hold():
                self._session.navigation.hover = sample
        elif sample is not None and not before:
            self.mark()
        return sample

    def _near(self, x: float | None, y: float | None) -> int | None:
        shown, axes = self._shown, self._axes()
        if shown is None or axes is None or x is None or y is None:
            return None
        view = axes.view
        reach_x = _REACH * (view.right - view.left) / view.width
        reach_y = _REACH * (view.top - view.bottom) / view.height
        row = shown.chosen.nearest(x, y, reach_x, reach_y)
        return None if row is None else int(shown.table.samples[row])

    # --- what keys do

    @property
    def shown(self) -> Drawn | None:
        """What is drawn."""
        return self._shown

    @property
    def viewport(self) -> Viewport | None:
        """What of it is in sight."""
        axes = self._axes()
        return axes and axes.view

    def sketch(self, lasso: list[Point]) -> None:
        """Shows a lasso that keys are drawing; none without corners."""
        if lasso != self._sketched:
            self._sketched = lasso
            self._outline()

    def see(self, view: Viewport) -> None:
        """Moves the axes, as the wheel does."""
        shown = self._shown
        if shown is None or self._figure is None:
            return
        with pn.io.hold(self._figure.document):
            self._fit(view)
            axes = Axes(shown.axes.owner, view)
            picture = shaded(shown.table, shown.chosen, shown.color, shown.mask, view, shown.shaded.counted)
            self._shown = shown._replace(axes=axes, shaded=picture)
            self._handles["source"].data = plot.picture(picture.pixels, view)._asdict()
            self._paint()
            self.mark()


def _weakly(hook: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """HoloViews keeps an element's options for the whole process: its hook must not keep the view alive."""
    reference = WeakMethod(hook)

    def call(drawn: Any, element: Any) -> None:
        if (method := reference()) is not None:
            method(drawn, element)

    return call


def _spans(view: Viewport) -> tuple[tuple[str, float, float], ...]:
    return ("x_range", view.left, view.right), ("y_range", view.bottom, view.top)
