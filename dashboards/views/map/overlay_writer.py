"""All that lies on the picture of the flat map: outlines, curves, dots, pictures, names, rings."""

from collections.abc import Callable
from typing import Any

from dashboards.session.session import Session
from dashboards.theme import palette
from dashboards.views.map import overlays
from dashboards.views.map.coloring import labels
from dashboards.views.map.cursor import MapCursor, Point
from dashboards.views.map.drawing import DrawnMap
from dashboards.views.map.figure import MapFigure
from dashboards.views.map.marks import rings, tip
from dashboards.views.map.near import NearPictures, opacity
from dashboards.views.map.outlines import sketch
from dashboards.views.map.placement import spread_labels


class OverlayWriter:
    """Writes it into the figure's live sources, where there is a figure, of what is `shown` there."""

    def __init__(
        self, session: Session, figure: MapFigure, cursor: MapCursor, shown: Callable[[], DrawnMap | None]
    ) -> None:
        self._session, self._figure, self._cursor, self._shown = session, figure, cursor, shown
        self.pointing = False  # whether a person points at a place of the map
        self._written: tuple[Any, ...] = ()
        self._sketched: list[Point] = []
        self._pictures = NearPictures(session.schedule, self._show_near)

    def everything(self) -> None:
        """The figure was drawn anew: writes all of it."""
        self._outline()
        self._scatter(None)
        self._show_near()
        self._name()
        self.mark()
        self.surround()

    def follow(self, before: DrawnMap | None) -> None:
        """Writes what has changed since `before`."""
        shown = self._shown()
        if shown is None:
            return
        if before is None or before.outlines != shown.outlines:
            self._outline()
        self._scatter(before)
        self.look()
        dress = shown.table, shown.axes.owner, shown.color, shown.dark
        if dress != self._written:
            self._name()
            self.mark()
            self.surround()
            self._written = dress

    def move(self) -> None:
        """Writes what depends on the part of the map in sight."""
        self._name()
        self.mark()

    def look(self) -> None:
        """Looks for the pictures of what is in sight."""
        if (shown := self._shown()) is not None:
            self._pictures.look(shown.table, shown.chosen, shown.axes.view)

    def forget(self) -> None:
        """The next figure is a new one."""
        self._pictures.forget()
        self._written, self.pointing = (), False

    def sketch(self, lasso: list[Point]) -> None:
        """Draws a lasso that is under way; none without corners."""
        if lasso != self._sketched:
            self._sketched = lasso
            self._outline()

    def mark(self) -> None:
        """Rings the sample under study and the one under the pointer, with its picture if it is here."""
        shown, view, lying = self._shown(), self._figure.view, self._figure.overlays
        if shown is None or view is None or lying is None:
            return
        navigation = self._session.navigation
        pointed = navigation.hover if self.pointing else None
        with self._figure.hold():
            marked = rings(shown.table, shown.chosen, navigation.focus, navigation.hover, navigation.pin)
            lying.rings.data = marked._asdict()
            lying.tip.data = tip(shown.table, shown.chosen, view, None)._asdict()
            if pointed is not None:  # its picture may be unreadable: the last one's must not stay
                lying.tip.data = tip(shown.table, shown.chosen, view, pointed)._asdict()

    def surround(self) -> None:
        """Rings the neighbors of the image under study that belong to this map, and says what they are."""
        shown, around, lying = self._shown(), self._session.neighbor_rings, self._figure.overlays
        if shown is None or lying is None:
            return
        if around is not None and (around.run, around.map) != shown.axes.owner:
            around = None
        lying.around.data = overlays.around(around)._asdict()
        lying.note.update(visible=around is not None, text="" if around is None else around.words)

    def _outline(self) -> None:
        """Draws what the selection's lassos leave, also where they came by a link, and the one under way."""
        shown, lying = self._shown(), self._figure.overlays
        if shown is not None and lying is not None:
            left, under_way = shown.outlines, sketch(self._sketched)
            lying.outlines.data = {
                name: [*getattr(left, name), *getattr(under_way, name)] for name in left._fields
            }

    def _scatter(self, before: DrawnMap | None) -> None:
        """Draws what of the contours, the dots and the pictures has changed since `before`."""
        shown, lying = self._shown(), self._figure.overlays
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
        shown, lying, found = self._shown(), self._figure.overlays, self._pictures
        if shown is None or lying is None or not (len(found.rows) or lying.near.data["x"]):
            return
        with self._figure.hold():
            seen = found.columns._replace(opacity=opacity(found.rows, shown.mask))
            lying.near.data = seen._asdict()

    def _name(self) -> None:
        """Colors all of it, and names the groups where there is room."""
        shown, view, lying = self._shown(), self._figure.view, self._figure.overlays
        if shown is None or view is None or lying is None:
            return
        overlays.paint(lying, palette(shown.dark))
        self._cursor.paint(palette(shown.dark))
        self._figure.color(shown.colors)
        readable = spread_labels(labels(shown.table, shown.chosen, shown.color), view)
        lying.names.data = overlays.names(readable)._asdict()
