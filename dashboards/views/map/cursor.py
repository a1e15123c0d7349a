"""Keys on the flat map: arrows move a cursor, Enter studies the image there, L draws a lasso."""

from typing import Protocol

from bokeh.events import KeyModifiers

from dashboards.data.captions import caption
from dashboards.data.maps import Map
from dashboards.data.population import Population
from dashboards.kernels.shading import Viewport
from dashboards.session.gestures import Polygon
from dashboards.session.modifiers import MapActions
from dashboards.session.session import Session
from dashboards.views.map.table import whole_map
from dashboards.widgets.cursor import DIRECTIONS, Cursor, Keys
from deepvid import wording

STEP, STRIDE = 12.0, 60.0  # px an arrow moves, and with Shift
ZOOM = 1.25
LEAST = 3  # corners of a lasso
_ZOOMS = {"+": 1 / ZOOM, "=": 1 / ZOOM, "-": ZOOM}
_HINT = "Enter studies the nearest image, L sets the corners of a lasso, plus and minus zoom, Home shows all"

Point = tuple[float, float]
"""A place in the map's data coordinates."""


class DrawnPoints(Protocol):
    """What is drawn there."""

    @property
    def table(self) -> Population:
        """Its images."""

    @property
    def chosen(self) -> Map:
        """Where they are."""


class Plane(Protocol):
    """What the cursor moves on."""

    @property
    def shown(self) -> DrawnPoints | None:
        """None while it is empty."""

    @property
    def viewport(self) -> Viewport | None:
        """What of it is in sight."""

    def point(self, at: Point | None) -> int | None:
        """Rings the image nearest to a place, as a pointer there does; which it is."""

    def sketch(self, lasso: list[Point]) -> None:
        """Shows a lasso that is being drawn; none without corners."""

    def see(self, view: Viewport) -> None:
        """Moves its axes."""


class MapCursor(Cursor):
    """A cursor that may be anywhere in sight."""

    def __init__(self, session: Session, acting: MapActions, plane: Plane) -> None:
        does = Keys(self.enter, self.leave, self.move, self.act, self.press)
        super().__init__(does, label="Images as points", hint=_HINT)
        self._session, self._acting, self._plane = session, acting, plane
        self._here: Point | None = None
        self._corners: list[Point] = []
        self._listen()

    def forget(self) -> None:
        """Another map is shown: where it was means nothing there."""
        self._here, self.text = None, ""
        self.mark(None)
        self._drop()

    def enter(self) -> None:
        """It begins at the image under study, or in the middle."""
        view = self._plane.viewport
        if view is None:
            return
        for at in (self._here, self._studied()):
            if at is not None and _within(at, view):
                return self._place(at)
        self._place(((view.left + view.right) / 2, (view.bottom + view.top) / 2))

    def leave(self) -> None:
        """It comes back to where it is; a lasso that was begun is let go."""
        self.mark(None)
        self._plane.point(None)
        self._drop()

    def move(self, direction: str, far: bool) -> None:
        """By whole steps of the screen, and never out of sight."""
        view = self._plane.viewport
        if view is None or self._here is None:
            return self.enter()
        (x, y), (right, up) = self._here, DIRECTIONS[direction]
        pixels = STRIDE if far else STEP
        x += right * pixels * (view.right - view.left) / view.width
        y += up * pixels * (view.top - view.bottom) / view.height
        self._place((min(max(x, view.left), view.right), min(max(y, view.bottom), view.top)))

    def act(self, held: KeyModifiers) -> None:
        """Does what a click here does, or closes the lasso that is being drawn: its last corner is here."""
        shown = self._plane.shown
        if shown is None or self._here is None:
            return
        if not self._corners:
            sample = self._plane.point(self._here)
            if sample is not None:
                self._acting.pick(sample, held)
        elif len(lasso := self._drawn) >= LEAST:
            self._drop()
            x, y = zip(*lasso, strict=True)
            self._acting.brush(Polygon.drawn(shown.chosen.name, x, y), held)
        self._tell()

    def press(self, key: str) -> None:
        """Sets a corner, drops the lasso, or zooms."""
        view, shown = self._plane.viewport, self._plane.shown
        if view is None or shown is None or self._here is None:
            return
        if key in ("l", "L"):
            self._corners = self._drawn
            self._sketch()
        elif key == "Escape":
            self._drop()
        elif key == "Home":
            self._plane.see(whole_map(shown.chosen, (view.width, view.height)))
        else:
            self._plane.see(_zoomed(view, self._here, _ZOOMS[key]))
        self._tell()

    @property
    def _drawn(self) -> list[Point]:
        """The corners with the one that is here."""
        here = [] if self._here is None or self._corners[-1:] == [self._here] else [self._here]
        return [*self._corners, *here]

    def _place(self, at: Point) -> None:
        self._here = at
        self.mark(at)
        self._sketch()
        self._tell()

    def _tell(self) -> None:
        sample, shown = self._plane.point(self._here), self._plane.shown
        lasso = _lasso(len(self._drawn)) if self._corners else ""
        image = "no image near here" if shown is None or sample is None else caption(shown.table, sample)
        self.text = lasso + image

    def _studied(self) -> Point | None:
        """Where the image under study is."""
        shown, focus = self._plane.shown, self._session.navigation.focus
        row = None if shown is None or focus is None else shown.table.row_of(focus)
        if shown is None or row is None:
            return None
        return float(shown.chosen.x[row]), float(shown.chosen.y[row])

    def _sketch(self) -> None:
        self._plane.sketch(self._drawn if self._corners else [])
        self._listen()

    def _drop(self) -> None:
        self._corners = []
        self._sketch()

    def _listen(self) -> None:
        """Escape is its own while there is something to drop."""
        self.keys = ["l", "L", "Home", *_ZOOMS, *(["Escape"] if self._corners else [])]


def _lasso(corners: int) -> str:
    more = "" if corners >= LEAST else f", {LEAST} close it"
    return f"Lasso of {wording.quantity(corners, 'corner')}{more} · "


def _within(at: Point, view: Viewport) -> bool:
    return view.left <= at[0] <= view.right and view.bottom <= at[1] <= view.top


def _zoomed(view: Viewport, at: Point, by: float) -> Viewport:
    """`by` times as wide and high; what is at `at` stays there."""
    (x, y), (left, bottom, right, top, *size) = at, view
    return Viewport(
        x + (left - x) * by, y + (bottom - y) * by, x + (right - x) * by, y + (top - y) * by, *size
    )
