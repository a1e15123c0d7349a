"""The map: every sample as a point, colored where it is selected; lasso, hover and click."""

from collections.abc import Callable
from typing import Any, NamedTuple
from weakref import WeakMethod

import holoviews as hv
import numpy as np
import panel as pn
import param
from bokeh.events import DoubleTap, PanStart, SelectionGeometry, Tap
from holoviews.plotting.bokeh.callbacks import PlotSizeCallback, RangeXYCallback
from holoviews.streams import PlotSize, RangeXY

from dashboards.data.captions import Tally, selection_sentence, tally
from dashboards.data.maps import Map
from dashboards.data.population import Population
from dashboards.kernels.shading import Viewport, count_groups, shade
from dashboards.session.selection import Gesture, Mask, Mode, Step
from dashboards.session.session import Session
from dashboards.theme import palette
from dashboards.views.map import plot
from dashboards.views.map.coloring import Coloring, coloring, labels
from dashboards.views.map.marks import rings, tip
from dashboards.views.map.placement import spread_labels
from dashboards.views.map.words import above, below, waiting
from dashboards.widgets.empty import empty
from dashboards.widgets.modifiers import mode_of
from dashboards.widgets.plot_bar import PlotBar

RangeXYCallback.debounce = PlotSizeCallback.debounce = 40  # ms; the default is 100

_REACH = 12.0  # px around the pointer in which a sample is near
_PADDING = 0.04  # of the map's extent, on every side


class Prepared(NamedTuple):
    """What the map will show for a mask."""

    table: Population | None
    chosen: Map | None
    view: Viewport | None
    pixels: np.ndarray | None
    found: Tally | None


class MapView(pn.viewable.Viewer):
    """Shows the map that `navigation.projection` names, or the run's own choice."""

    session: Session = param.Parameter()  # type: ignore[assignment]

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(session=session, **params)
        self._figure: Any = None
        self._handles: dict[str, Any] = {}
        self._overlays: plot.Overlays | None = None
        self._shown: Map | None = None
        self._fitted: tuple[str, str] | None = None  # run and map whose axes are shown
        self._whole: tuple[Map, Viewport, np.ndarray] | None = None  # points near each pixel
        self._size = (680, 420)
        self._modifier: Mode | None = None
        self._pointing = False
        self._dressed: tuple[Any, ...] = ()
        self._top = PlotBar({"choose": self._choose}, height=36, sizing_mode="stretch_width", margin=0)
        self._bottom = PlotBar({"choose": self._choose}, height=26, sizing_mode="stretch_width", margin=0)
        self._body = pn.Column(sizing_mode="stretch_both", margin=0)
        self._panel = pn.Column(self._top, self._body, self._bottom, sizing_mode="stretch_both", margin=0)
        session.linker.views.append(self)
        session.navigation.param.watch(self._redraw, ["projection", "color", "dark"])
        session.navigation.param.watch(self._mark, ["focus", "hover"])
        self.publish(self.prepare(session.selection.mask))

    def __panel__(self) -> pn.Column:
        return self._panel

    # --- the linked view

    def prepare(self, mask: Mask | None) -> Prepared:
        """Shades the present viewport for a mask; runs in a thread."""
        table = self.session.population
        chosen = _chosen(table, self.session.navigation.projection)
        if table is None or chosen is None:
            return Prepared(table, None, None, None, None if table is None else tally(table, mask))
        view = self._viewport(chosen)
        return Prepared(table, chosen, view, self._shade(table, chosen, view, mask), tally(table, mask))

    def publish(self, prepared: Prepared) -> None:
        """Writes the picture into the live source, and the sentence above it."""
        table, chosen, view, pixels, _ = prepared
        self._describe(prepared)
        if table is None or chosen is None or view is None or pixels is None:
            self._shown = self._figure = self._fitted = None
            self._body[:] = [empty(waiting(table))]
            return
        refit = self._fitted != self._place(chosen)
        self._shown, self._fitted = chosen, self._place(chosen)
        if self._figure is None:
            self._body[:] = [self._pane()]
            return
        if refit:
            self._fit(view)
        self._handles["source"].data = plot.picture(pixels, view)
        if (dress := self._dress(table, chosen)) != self._dressed:
            self._paint()
            self._mark()
            self._dressed = dress

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
        table, chosen = self.session.population, self._shown
        assert table is not None
        assert chosen is not None
        view = self._viewport(chosen)
        index = self._shade(table, chosen, view, self.session.selection.mask)
        return plot.element(index, view, self._colors(table), [_weakly(self._adopt)])

    def _adopt(self, drawn: Any, _: hv.Image) -> None:
        """HoloViews' hook: takes the live source, and dresses a figure seen for the first time."""
        self._handles = drawn.handles
        if drawn.state is not self._figure:
            self._figure = drawn.state
            self._overlays = plot.decorate(drawn.state)
            self._overlays.pointer.on_change("data", self._point)
            drawn.state.on_event(PanStart, self._begin)
            drawn.state.on_event(SelectionGeometry, self._brush)
            drawn.state.on_event(Tap, self._tap)
            drawn.state.on_event(DoubleTap, self._tap)  # a second click soon after, wherever it is
        self._paint()
        self._mark()

    def _viewport(self, chosen: Map) -> Viewport:
        if self._figure is None or self._fitted != self._place(chosen):
            return Viewport(*_extent(chosen), *self._size)
        x, y = self._handles["x_range"], self._handles["y_range"]
        return Viewport(x.start, y.start, x.end, y.end, *self._size)

    def _place(self, chosen: Map) -> tuple[str, str]:
        """What the axes belong to; while it stays, so does what a person zoomed to."""
        return self.session.navigation.run, chosen.name

    def _shade(self, table: Population, chosen: Map, view: Viewport, mask: Mask | None) -> np.ndarray:
        used, before = self._coloring(table), self._whole
        whole = before[2] if before and before[:2] == (chosen, view) else None
        counts = count_groups(chosen.tiles, used.group, mask, view, _dot(table.rows), whole)
        if whole is None:
            self._whole = chosen, view, np.einsum("yxg->yx", counts)  # four times as fast as `sum`
        return shade(counts, used.weight)

    def _dress(self, table: Population, chosen: Map) -> tuple[Any, ...]:
        """What names, colors and rings depend on, but a gesture does not change."""
        return table, chosen.name, self.session.navigation.color, self.session.navigation.dark

    def _fit(self, view: Viewport) -> None:
        for axis, low, high in (("x_range", view.left, view.right), ("y_range", view.bottom, view.top)):
            self._handles[axis].update(start=low, end=high, reset_start=low, reset_end=high)

    # --- words, colors, rings

    def _coloring(self, table: Population) -> Coloring:
        return coloring(table, self.session.navigation.color)

    def _colors(self, table: Population) -> list[str]:
        return plot.index_palette(self._coloring(table), palette(self.session.navigation.dark))

    def _paint(self) -> None:
        table, navigation = self.session.population, self.session.navigation
        if table is None or self._overlays is None or self._shown is None:
            return
        theme = palette(navigation.dark)
        plot.paint(self._overlays, theme)
        self._handles["color_mapper"].palette = self._colors(table)
        placed = spread_labels(labels(table, self._shown, navigation.color), self._viewport(self._shown))
        self._overlays.names.data = {
            "x": [label.x for label in placed],
            "y": [label.y for label in placed],
            "text": [label.text for label in placed],
            "color": [label.color for label in placed],
        }

    def _describe(self, prepared: Prepared) -> None:
        table, chosen, found, navigation = *prepared[:2], prepared.found, self.session.navigation
        if table is None or found is None or chosen is None:
            self._top.bar, self._bottom.bar = {"title": "Map"}, {}
            return
        sentence = selection_sentence(table, self.session.selection.steps, found)
        self._top.bar = above(sentence, table, chosen, navigation.color)
        self._bottom.bar = below(table, chosen, navigation.color)

    def _mark(self, *_: Any) -> None:
        """Rings the sample under study and the one under the pointer, with its picture if it is here."""
        if self._overlays is None or self._shown is None or self.session.population is None:
            return
        table, navigation, shown = self.session.population, self.session.navigation, self._shown
        pointed = navigation.hover if self._pointing else None
        with pn.io.hold(self._figure.document):
            self._overlays.rings.data = rings(table, shown, navigation.focus, navigation.hover)
            self._overlays.tip.data = tip(table, shown, self._viewport(shown), pointed)

    # --- what a person does

    def _choose(self, choice: list[str]) -> None:
        name, value = choice
        self.session.navigation.param.update(**{"projection" if name == "map" else name: value})

    def _redraw(self, *_: Any) -> None:
        prepared = self.prepare(self.session.selection.mask)
        with pn.io.hold(self._figure and self._figure.document):
            self.publish(prepared)

    def _begin(self, event: PanStart) -> None:
        self._modifier = mode_of(event.modifiers)

    def _brush(self, event: SelectionGeometry) -> None:
        shape: Any = event.geometry
        if self._shown is None or shape is None:
            return
        x, y = _outline(shape)
        mode = self._modifier or self.session.selection.mode
        gesture = Gesture("polygon", {"map": self._shown.name, "x": x, "y": y})
        self.session.select(Step(mode, gesture))

    def _tap(self, event: Tap) -> None:
        sample = self._near(event.x, event.y)
        if sample is not None:
            self.session.focus(sample)

    def _point(self, _: str, __: Any, data: dict[str, list[float]]) -> None:
        self._pointing = bool(data["x"])
        sample = self._near(data["x"][0], data["y"][0]) if self._pointing else None
        if sample == self.session.navigation.hover:
            return
        self.session.navigation.hover = sample

    def _near(self, x: float | None, y: float | None) -> int | None:
        table = self.session.population
        if table is None or self._shown is None or x is None or y is None:
            return None
        view = self._viewport(self._shown)
        reach_x = _REACH * (view.right - view.left) / view.width
        reach_y = _REACH * (view.top - view.bottom) / view.height
        row = self._shown.nearest(x, y, reach_x, reach_y)
        return None if row is None else int(table.samples[row])


def _weakly(hook: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """HoloViews keeps an element's options for the whole process: its hook must not keep the view alive."""
    reference = WeakMethod(hook)

    def call(drawn: Any, element: Any) -> None:
        if (method := reference()) is not None:
            method(drawn, element)

    return call


def _chosen(table: Population | None, name: str) -> Map | None:
    return None if table is None else table.maps.get(name) or table.default_map


def _extent(chosen: Map) -> tuple[float, float, float, float]:
    left, bottom, right, top = chosen.tiles.bounds
    pad_x, pad_y = _PADDING * (right - left), _PADDING * (top - bottom)
    return left - pad_x, bottom - pad_y, right + pad_x, top + pad_y


def _dot(rows: int) -> float:
    """Radius of a point in pixels: large where there are few."""
    return 2.2 if rows <= 3_000 else 1.5 if rows <= 20_000 else 1.0 if rows <= 100_000 else 0.0


def _outline(shape: dict[str, Any]) -> tuple[list[float], list[float]]:
    if shape["type"] == "poly":
        return list(shape["x"]), list(shape["y"])
    x0, x1, y0, y1 = (shape[side] for side in ("x0", "x1", "y0", "y1"))
    return [x0, x1, x1, x0], [y0, y0, y1, y1]
