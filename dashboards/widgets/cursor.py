"""Cursors of keys in a plot: arrows move, Enter does what a click there does, and a mark says where."""

from collections.abc import Callable
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

import numpy as np
import panel as pn
import param
from bokeh.events import KeyModifiers
from bokeh.models import ColumnDataSource, Scatter
from bokeh.plotting import figure as Figure  # noqa: N812 - a class in all but name

from dashboards.theme import Palette
from dashboards.widgets.component import Component, source

_SIZE = 22  # px


def _nothing(_: str) -> None:
    """Does nothing, as other keys where there are none."""


class Keys(NamedTuple):
    """Actions of the keys of a cursor."""

    enter: Callable[[], None]  # it has the focus
    leave: Callable[[], None]  # it has lost the focus
    move: Callable[[str, bool], None]  # an arrow, one of `DIRECTIONS`; with Shift: far
    act: Callable[[KeyModifiers], None]  # Enter or the space bar, with these keys held
    press: Callable[[str], None] = _nothing  # one of `Cursor.keys`


class Cursor(Component):
    """A stop of the Tab key. Who makes it says what keys do there; what makes no sense never reaches them.

    Actions: `enter`, `leave`; `move` [direction, far]; `act` {shift, ctrl}; `press`, one of `keys`.
    """

    __abstract = True

    label: str = param.String("", doc="what the keys move in")  # type: ignore[assignment]
    hint: str = param.String("Enter selects", doc="what other keys do")  # type: ignore[assignment]
    keys: list[str] = param.List([], doc="other keys that it takes now")  # type: ignore[assignment]
    text: str = param.String("", doc="what is under the cursor")  # type: ignore[assignment]

    _esm = "widgets/cursor.js"
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "cursor.css")]

    def __init__(self, does: Keys, **params: Any) -> None:
        actions = {
            "enter": _held(lambda _: does.enter()),
            "leave": _held(lambda _: does.leave()),
            "move": _held(self._move),
            "act": _held(self._act),
            "press": _held(self._press),
        }
        super().__init__(actions, height=0, sizing_mode="stretch_width", margin=0, **params)
        self._does = does
        self._mark = ColumnDataSource({"x": [], "y": []})
        self._glyphs: list[Scatter] = []

    def join(self, figure: Figure) -> None:
        """Marks its place in a new figure."""
        self._mark = ColumnDataSource({"x": [], "y": []})
        self._glyphs = [
            Scatter(marker="circle", size=_SIZE, line_width=width, fill_color=None) for width in (6, 3)
        ]
        for glyph in self._glyphs:
            figure.add_glyph(self._mark, glyph, level="overlay")

    def paint(self, theme: Palette) -> None:
        """Gives its mark the colors of a theme."""
        for glyph, color in zip(self._glyphs, (theme.surface, theme.accent), strict=True):
            glyph.line_color = color

    def mark(self, at: tuple[float, float] | None) -> None:
        """Shows where it is, in data coordinates; None: nobody is here."""
        x, y = ([], []) if at is None else ([at[0]], [at[1]])
        self._mark.data = {"x": x, "y": y}

    def _move(self, value: Any) -> None:
        match value:
            case [str(direction), bool(far)] if direction in DIRECTIONS:
                self._does.move(direction, far)

    def _act(self, value: Any) -> None:
        match value:
            case {"shift": bool(shift), "ctrl": bool(ctrl)}:
                self._does.act({"shift": shift, "ctrl": ctrl, "alt": False})

    def _press(self, value: Any) -> None:
        if isinstance(value, str) and value in self.keys:
            self._does.press(value)


def _held(action: Callable[[Any], None]) -> Callable[[Any], None]:
    """The action with one message to the browser for all that it does."""

    def act(value: Any) -> None:
        with pn.io.hold():
            action(value)

    return act


DIRECTIONS = {"left": (-1, 0), "right": (1, 0), "up": (0, 1), "down": (0, -1)}


T = TypeVar("T")


class Spots(NamedTuple, Generic[T]):
    """Where they lie, in units of the plot whose axes are equally long: f64 (spot,) each."""

    x: np.ndarray
    y: np.ndarray
    text: Callable[[int], str]  # what a spot is, for eyes and for screen readers
    means: Callable[[int], T]  # what Enter selects there, as the view knows it


def first(spots: Spots[T]) -> int | None:
    """The one nearest to the upper left corner; None where there is none."""
    return int(np.argmin(spots.x - spots.y)) if len(spots.x) else None


def toward(spots: Spots[T], here: int, direction: str) -> int:
    """The next one in a direction, one of `DIRECTIONS`; where there is none, the same.

    It is the one of least a + 3 |b|, where a > 0 is its distance along the direction and b beside it.
    """
    right, up = DIRECTIONS[direction]
    dx, dy = spots.x - spots.x[here], spots.y - spots.y[here]
    along, beside = right * dx + up * dy, np.abs(up * dx - right * dy)
    cost = np.where(along > 1e-9, along + 3 * beside, np.inf)
    best = int(np.argmin(cost))
    return best if np.isfinite(cost[best]) else here


def same(spots: Spots[T], here: int, meant: T) -> int | None:
    """The spot that means this, looked for at `here` first; None where it is no more."""
    around = [here] if here < len(spots.x) else []
    return next((at for at in (*around, *range(len(spots.x))) if spots.means(at) == meant), None)


Act = Callable[[Any, KeyModifiers], None]
"""Does what a click on the meaning of a spot does, with these keys held."""


class KeyCursor(Cursor):
    """A cursor that is always on a spot, where there is one."""

    def __init__(self, label: str, act: Act) -> None:
        super().__init__(Keys(self.enter, self.leave, self.move, self.act), label=label)
        self._do = act
        self._spots: Spots[Any] | None = None
        self._here: int | None = None
        self._focused = False

    def join(self, figure: Figure) -> None:
        """Marks its place in a new figure."""
        super().join(figure)
        self._here = None

    def lead(self, spots: Spots[Any], theme: Palette) -> None:
        """These are the spots from now on; the cursor stays on what it was on, where that is still there."""
        before, self._spots = self._spots, spots
        self.paint(theme)
        if self._here is not None and before is not None:
            self._place(same(spots, self._here, before.means(self._here)))

    def enter(self) -> None:
        """It is where it was, or on the first spot."""
        self._focused = True
        if self._spots is not None:
            self._place(first(self._spots) if self._here is None else self._here)

    def move(self, direction: str, far: bool) -> None:
        """To the next spot, however far."""
        if self._spots is not None:
            here = self._here
            self._place(first(self._spots) if here is None else toward(self._spots, here, direction))

    def act(self, held: KeyModifiers) -> None:
        """Does what a click on the spot does."""
        if self._spots is not None and self._here is not None:
            self._do(self._spots.means(self._here), held)

    def leave(self) -> None:
        """It comes back to where it is."""
        self._focused = False
        self._place(self._here)

    def _place(self, here: int | None) -> None:
        self._here, spots = here, self._spots
        if spots is None or here is None:
            self.mark(None)
            self.text = ""
            return
        self.mark((float(spots.x[here]), float(spots.y[here])) if self._focused else None)
        self.text = spots.text(here)
