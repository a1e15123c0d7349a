"""A cursor of keys in a plot: where it is, it marks and says what is there."""

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import panel as pn
import param
from bokeh.events import KeyModifiers
from bokeh.models import ColumnDataSource, Scatter
from bokeh.plotting import figure as Figure  # noqa: N812 - a class in all but name

from dashboards.theme import Palette
from dashboards.widgets.component import Component, source
from dashboards.widgets.spots import DIRECTIONS

_SIZE = 22  # px


def _nothing(_: str) -> None:
    """What other keys do, where there are none."""


class Keys(NamedTuple):
    """What the keys of a cursor do."""

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

    _esm = source(__file__, "dom.js", "cursor.js")
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
    """What one key does is one message to the browser."""

    def act(value: Any) -> None:
        with pn.io.hold():
            action(value)

    return act
