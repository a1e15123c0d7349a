"""The flat map: every sample as a point of a picture, with the axes that a person left."""

from functools import partial
from typing import Any

import holoviews as hv
import numpy as np
import panel as pn
from bokeh.events import KeyModifiers, PanStart, PointEvent, SelectionGeometry

from dashboards.data.maps import Map
from dashboards.data.population import Population
from dashboards.kernels.shading import Viewport
from dashboards.session.gestures import Polygon
from dashboards.session.modifiers import MapActions, on_click
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.state import Extent
from dashboards.views.map import plot
from dashboards.views.map.cursor import MapCursor, Point
from dashboards.views.map.drawing import DrawnMap, Own, draw
from dashboards.views.map.figure import Hook, MapFigure
from dashboards.views.map.outlines import corners
from dashboards.views.map.overlay_writer import OverlayWriter
from dashboards.views.map.table import Axes, extent_of, shaded, whole_map
from deepvid.newest import Newest

REST = 0.4  # s without a zoom or a pan, after which the address has the part in sight
_REACH = 12.0  # px around the pointer in which a sample is near


class PlaneSurface:
    """A figure whose live source each gesture writes into."""

    def __init__(self, session: Session, acting: MapActions) -> None:
        self._session, self._acting = session, acting
        self._figure = MapFigure(self)
        self._shown: DrawnMap | None = None
        self._extent: Extent | None = None  # what the address says of the axes, or did before the last move
        self._held: KeyModifiers | None = None
        self._moves: Newest[object] = Newest()
        self._said: tuple[Any, ...] = ()  # by the address before the last one of its axes
        self._cursor = MapCursor(session, acting, self)
        self._overlays = OverlayWriter(session, self._figure, self._cursor, lambda: self._shown)
        self._body = pn.Column(sizing_mode="stretch_both", margin=0)
        self.content = pn.Column(self._cursor, self._body, sizing_mode="stretch_both", margin=0)

    def local_state(self) -> Own:
        """Its axes as a person left them."""
        counted = self._shown.shaded.counted if self._shown else None
        return Own(self._axes(), self._extent, self._figure.size, counted)

    def prepare(self, scene: Scene, table: Population, chosen: Map) -> DrawnMap:
        """Shades the viewport for the mask."""
        return draw(scene, table, chosen)

    def publish(self, prepared: DrawnMap) -> None:
        """Writes the picture into the live source."""
        before, self._shown = self._shown, prepared
        axes, self._extent = prepared.axes, prepared.extent
        if self._figure.view is None:
            if before is None:
                self._body[:] = [self._figure.pane()]
            return
        if prepared.placed:
            self._figure.fit(axes.view)
        elif before is not None and before.axes != axes:
            self._begin_rest()
        if before is None or before.axes.owner != axes.owner:
            self._figure.reset_to(whole_map(prepared.chosen, self._figure.size))
            self._cursor.forget()
        self._figure.show(prepared.shaded.pixels, axes.view)
        self._overlays.follow(before)

    def leave(self) -> None:
        """The next figure is a new one: its axes belong to another map."""
        self._shown = None
        self._figure.leave()
        self._overlays.forget()
        self._cursor.forget()
        self._body[:] = []

    # --- where its axes are

    @property
    def shown(self) -> DrawnMap | None:
        """The map that is drawn."""
        return self._shown

    @property
    def viewport(self) -> Viewport | None:
        """The part of it that is in sight."""
        return None if self._shown is None else self._figure.view

    @property
    def elsewhere(self) -> bool:
        """Whether the address says another part of the map by now."""
        shown, navigation = self._shown, self._session.navigation
        if shown is None or shown.axes.owner[0] != navigation.run:
            return False
        return self._extent != navigation.view

    def see(self, view: Viewport) -> None:
        """Moves the axes, as the wheel does."""
        shown = self._shown
        if shown is None or self._figure.view is None:
            return
        with self._figure.hold():
            self._figure.fit(view)
            self._figure.show(self._shade(shown, view), view)
            self._overlays.move()

    def _shade(self, shown: DrawnMap, view: Viewport) -> np.ndarray:
        """Shows another part of the map: the pixels of what is in sight there, uint8 (y, x)."""
        picture = shaded(shown.table, shown.chosen, shown.color, shown.mask, view, shown.shaded.counted)
        if view[:4] != shown.axes.view[:4]:
            self._begin_rest()
        self._shown = shown._replace(axes=Axes(shown.axes.owner, view), shaded=picture)
        self._overlays.look()
        return picture.pixels

    @property
    def _says(self) -> tuple[Any, ...]:
        """The address's words for the map."""
        navigation = self._session.navigation
        return navigation.run, navigation.projection, navigation.view

    def _begin_rest(self) -> None:
        """A person has moved the axes."""
        self._said = self._says
        self._session.schedule_later(REST, partial(self._rest, self._moves.take(object())))

    def _rest(self, move: object) -> None:
        """A person has left the axes where they are: the address says it, unless it says another place."""
        shown, view = self._shown, self._figure.view
        if self._moves.leave(move) and shown and view and self._said == self._says:
            self._extent = extent_of(shown.chosen, view)
            with self._session.hold():
                self._session.navigation.view = self._extent

    def _axes(self) -> Axes | None:
        """Where the figure's axes are now; None before there is a figure."""
        view = self._figure.view
        return None if view is None or self._shown is None else Axes(self._shown.axes.owner, view)

    # --- what its figure asks for

    def element(self, hook: Hook) -> hv.Image:
        """The picture of what is in sight."""
        shown = self._shown
        assert shown is not None
        view = self._figure.view or Viewport(*shown.axes.view[:4], *self._figure.size)
        return plot.element(self._shade(shown, view), view, shown.colors, [hook])

    def join(self, figure: Any) -> None:
        """Hears what a person does in it."""
        assert self._figure.overlays is not None
        self._figure.overlays.pointer.on_change("data", self._hear)
        self._cursor.join(figure)
        figure.on_event(PanStart, self._begin)
        figure.on_event(SelectionGeometry, self._brush)
        on_click(figure, self._tap)

    def dress(self) -> None:
        """Writes all that lies on the picture, and where its reset tool leads."""
        if self._shown is not None:
            self._figure.reset_to(whole_map(self._shown.chosen, self._figure.size))
        self._overlays.everything()

    def mark(self) -> None:
        """Rings the sample under study and the one under the pointer."""
        self._overlays.mark()

    def surround(self) -> None:
        """Rings the neighbors of the image under study."""
        self._overlays.surround()

    def sketch(self, lasso: list[Point]) -> None:
        """Shows a lasso that keys are drawing; none without corners."""
        self._overlays.sketch(lasso)

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
        before, self._overlays.pointing = self._overlays.pointing, at is not None
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
