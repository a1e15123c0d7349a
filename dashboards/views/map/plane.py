"""The flat map: every sample as a point of a picture, with the axes that a person left."""

from typing import Any, NamedTuple

import holoviews as hv
import numpy as np
import panel as pn
from bokeh.events import KeyModifiers, PanStart, PointEvent, SelectionGeometry

from dashboards.data.maps import Map
from dashboards.data.population import Mask, Population
from dashboards.kernels.shading import Viewport
from dashboards.session.gestures import Polygon
from dashboards.session.modifiers import MapActions, on_click
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.theme import palette
from dashboards.views.map import overlays, plot
from dashboards.views.map.coloring import coloring, labels
from dashboards.views.map.columns import AroundColumns, ContourColumns, OutlineColumns
from dashboards.views.map.contours import contours
from dashboards.views.map.cursor import MapCursor, Point
from dashboards.views.map.figure import Hook, MapFigure
from dashboards.views.map.marks import rings, tip
from dashboards.views.map.near import NearPictures, opacity
from dashboards.views.map.outlines import corners, outlines, sketch
from dashboards.views.map.picked import picked
from dashboards.views.map.placement import spread_labels
from dashboards.views.map.table import Axes, Counted, Shaded, shaded, whole_map

NO_CONTOURS = ContourColumns([], [], [], [])
_REACH = 12.0  # px around the pointer in which a sample is near


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
    outlines: OutlineColumns
    picked: AroundColumns
    contours: ContourColumns
    mask: Mask | None
    color: str
    dark: bool


class PlaneSurface:
    """A figure whose live source each gesture writes into."""

    def __init__(self, session: Session, acting: MapActions) -> None:
        self._session, self._acting = session, acting
        self._figure = MapFigure(self)
        self._shown: Drawn | None = None
        self._held: KeyModifiers | None = None
        self._pointing = False
        self._dressed: tuple[Any, ...] = ()
        self._sketched: list[Point] = []
        self._cursor = MapCursor(session, acting, self)
        self._pictures = NearPictures(session.schedule, self._show_near)
        self._body = pn.Column(sizing_mode="stretch_both", margin=0)
        self.content = pn.Column(self._cursor, self._body, sizing_mode="stretch_both", margin=0)

    def local_state(self) -> Own:
        """Its axes as a person left them."""
        counted = self._shown.shaded.counted if self._shown else None
        return Own(self._axes(), self._figure.size, counted)

    def prepare(self, scene: Scene, table: Population, chosen: Map) -> Drawn:
        """Shades the viewport for the mask."""
        own: Own = scene.own
        assert scene.run is not None
        owner = (scene.run.id, chosen.name)
        kept = own.axes if own.axes and own.axes.owner == owner else None
        axes = kept or Axes(owner, whole_map(chosen, own.size))
        picture = shaded(table, chosen, scene.color, scene.mask, axes.view, own.counted)
        dots = picked(table, chosen, scene.color, scene.mask)
        curves = contours(table, chosen, scene.color) if scene.contours else NO_CONTOURS
        lying = outlines(scene.steps, chosen), dots, curves
        return Drawn(table, chosen, axes, picture, *lying, scene.mask, scene.color, scene.dark)

    def publish(self, prepared: Drawn) -> None:
        """Writes the picture into the live source."""
        before, self._shown = self._shown, prepared
        axes = prepared.axes
        if self._figure.view is None:
            if before is None:
                self._body[:] = [self._figure.pane()]
            return
        if before is None or before.axes.owner != axes.owner:
            self._figure.fit(axes.view)
            self._figure.reset_to(axes.view)
            self._cursor.forget()
        self._figure.show(prepared.shaded.pixels, axes.view)
        if before is None or before.outlines != prepared.outlines:
            self._outline()
        self._scatter(before)
        self._pictures.look(prepared.table, prepared.chosen, axes.view)
        if (dress := self._dress(prepared)) != self._dressed:
            self._paint()
            self.mark()
            self.surround()
            self._dressed = dress

    def leave(self) -> None:
        """The next figure is a new one: its axes belong to another map."""
        self._shown = None
        self._figure.leave()
        self._pictures.forget()
        self._dressed, self._pointing = (), False
        self._cursor.forget()
        self._body[:] = []

    # --- what its figure asks for

    def element(self, hook: Hook) -> hv.Image:
        """The picture of what is in sight."""
        shown = self._shown
        assert shown is not None
        view = self._figure.view or whole_map(shown.chosen, self._figure.size)
        return plot.element(self._shade(shown, view), view, self._colors(shown), [hook])

    def join(self, figure: Any) -> None:
        """Hears what a person does in it."""
        assert self._figure.overlays is not None
        self._figure.overlays.pointer.on_change("data", self._hear)
        self._cursor.join(figure)
        figure.on_event(PanStart, self._begin)
        figure.on_event(SelectionGeometry, self._brush)
        on_click(figure, self._tap)

    def dress(self) -> None:
        """Writes all that lies on the picture."""
        self._outline()
        self._scatter(None)
        self._show_near()
        self._paint()
        self.mark()
        self.surround()

    def _shade(self, shown: Drawn, view: Viewport) -> np.ndarray:
        """Shows another part of the map: the pixels of what is in sight there, uint8 (y, x)."""
        picture = shaded(shown.table, shown.chosen, shown.color, shown.mask, view, shown.shaded.counted)
        self._shown = shown._replace(axes=Axes(shown.axes.owner, view), shaded=picture)
        self._pictures.look(shown.table, shown.chosen, view)
        return picture.pixels

    def _axes(self) -> Axes | None:
        """Where the figure's axes are now; None before there is a figure."""
        view = self._figure.view
        return None if view is None or self._shown is None else Axes(self._shown.axes.owner, view)

    # --- outlines, names, colors, rings

    def _outline(self) -> None:
        """Draws what the selection's lassos leave, also where they came by a link, and the one under way."""
        shown, lying = self._shown, self._figure.overlays
        if shown is not None and lying is not None:
            left, under_way = shown.outlines, sketch(self._sketched)
            lying.outlines.data = {
                name: [*getattr(left, name), *getattr(under_way, name)] for name in left._fields
            }

    def _scatter(self, before: Drawn | None) -> None:
        """Draws what of the contours, the dots and the pictures has changed since `before`."""
        shown, lying = self._shown, self._figure.overlays
        if shown is None or lying is None:
            return
        if before is None or before.contours is not shown.contours:
            lying.contours.data = shown.contours._asdict()
        if before is None or before.picked != shown.picked:
            lying.picked.data = shown.picked._asdict()
        if len(self._pictures.rows) and (before is None or before.mask is not shown.mask):
            self._show_near()

    def _show_near(self) -> None:
        """Pictures of what is in sight; those that are not selected are faint."""
        shown, lying, found = self._shown, self._figure.overlays, self._pictures
        if shown is None or lying is None or not (len(found.rows) or lying.near.data["x"]):
            return
        with self._figure.hold():
            seen = found.columns._replace(opacity=opacity(found.rows, shown.mask))
            lying.near.data = seen._asdict()

    def _dress(self, shown: Drawn) -> tuple[Any, ...]:
        """What names, colors and rings depend on, but a gesture does not change."""
        return shown.table, shown.axes.owner, shown.color, shown.dark

    def _colors(self, shown: Drawn) -> list[str]:
        return plot.index_palette(coloring(shown.table, shown.color), palette(shown.dark))

    def _paint(self) -> None:
        shown, view, lying = self._shown, self._figure.view, self._figure.overlays
        if shown is None or view is None or lying is None:
            return
        overlays.paint(lying, palette(shown.dark))
        self._cursor.paint(palette(shown.dark))
        self._figure.color(self._colors(shown))
        readable = spread_labels(labels(shown.table, shown.chosen, shown.color), view)
        lying.names.data = overlays.names(readable)._asdict()

    def mark(self, *_: Any) -> None:
        """Rings the sample under study and the one under the pointer, with its picture if it is here."""
        shown, view, lying = self._shown, self._figure.view, self._figure.overlays
        if shown is None or view is None or lying is None:
            return
        navigation = self._session.navigation
        pointed = navigation.hover if self._pointing else None
        with self._figure.hold():
            marked = rings(shown.table, shown.chosen, navigation.focus, navigation.hover, navigation.pin)
            lying.rings.data = marked._asdict()
            lying.tip.data = tip(shown.table, shown.chosen, view, None)._asdict()
            if pointed is not None:  # its picture may be unreadable: the last one's must not stay
                lying.tip.data = tip(shown.table, shown.chosen, view, pointed)._asdict()

    def surround(self) -> None:
        """Rings the neighbors of the image under study that belong to this map, and says what they are."""
        shown, around, lying = self._shown, self._session.neighbor_rings, self._figure.overlays
        if shown is None or lying is None:
            return
        if around is not None and (around.run, around.map) != shown.axes.owner:
            around = None
        lying.around.data = overlays.around(around)._asdict()
        lying.note.update(visible=around is not None, text="" if around is None else around.words)

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
        shown, view = self._shown, self._figure.view
        if shown is None or view is None or x is None or y is None:
            return None
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
        return None if self._shown is None else self._figure.view

    def sketch(self, lasso: list[Point]) -> None:
        """Shows a lasso that keys are drawing; none without corners."""
        if lasso != self._sketched:
            self._sketched = lasso
            self._outline()

    def see(self, view: Viewport) -> None:
        """Moves the axes, as the wheel does."""
        shown = self._shown
        if shown is None or self._figure.view is None:
            return
        with self._figure.hold():
            self._figure.fit(view)
            self._figure.show(self._shade(shown, view), view)
            self._paint()
            self.mark()
