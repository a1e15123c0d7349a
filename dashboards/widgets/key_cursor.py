"""Keys in a plot: arrows lead from one spot to the next, Enter does what a click there does."""

from collections.abc import Callable
from typing import Any, ClassVar

import param
from bokeh.events import KeyModifiers
from bokeh.models import ColumnDataSource, Scatter
from bokeh.plotting import figure as Figure  # noqa: N812 - a class in all but name

from dashboards.theme import Palette
from dashboards.widgets.component import Component, source
from dashboards.widgets.spots import DIRECTIONS, Spots, first, same, toward

_SIZE = 22  # px

Act = Callable[[Any, KeyModifiers], None]
"""What a click on what a spot means, with these keys held, does."""


class KeyCursor(Component):
    """A stop of the Tab key that says where the cursor is. Actions: `enter`, `move`, `act`, `leave`."""

    label: str = param.String("", doc="what the keys move in")  # type: ignore[assignment]
    text: str = param.String("", doc="what is under the cursor")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "key_cursor.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "key_cursor.css")]

    def __init__(self, label: str, act: Act) -> None:
        actions = {"enter": self._enter, "move": self._move, "act": self._choose, "leave": self._leave}
        super().__init__(actions, label=label, height=0, sizing_mode="stretch_width", margin=0)
        self._act = act
        self._spots: Spots[Any] | None = None
        self._mark = ColumnDataSource({"x": [], "y": []})
        self._glyphs: list[Scatter] = []
        self._here: int | None = None
        self._focused = False

    def join(self, figure: Figure) -> None:
        """Marks its place in a new figure."""
        self._mark = ColumnDataSource({"x": [], "y": []})
        self._glyphs = [
            Scatter(marker="circle", size=_SIZE, line_width=width, fill_color=None) for width in (6, 3)
        ]
        for glyph in self._glyphs:
            figure.add_glyph(self._mark, glyph, level="overlay")
        self._here = None

    def lead(self, spots: Spots[Any], theme: Palette) -> None:
        """These are the spots from now on; the cursor stays on what it was on, where that is still there."""
        before, self._spots = self._spots, spots
        for glyph, color in zip(self._glyphs, (theme.surface, theme.accent), strict=True):
            glyph.line_color = color
        if self._here is not None and before is not None:
            self._place(same(spots, self._here, before.means(self._here)))

    def _enter(self, _: Any) -> None:
        self._focused = True
        if self._spots is not None:
            self._place(first(self._spots) if self._here is None else self._here)

    def _move(self, direction: Any) -> None:
        if self._spots is None or not isinstance(direction, str) or direction not in DIRECTIONS:
            return
        here = self._here
        self._place(first(self._spots) if here is None else toward(self._spots, here, direction))

    def _choose(self, held: Any) -> None:
        match held:
            case {"shift": bool(shift), "ctrl": bool(ctrl)} if (
                self._spots is not None and self._here is not None
            ):
                self._act(self._spots.means(self._here), {"shift": shift, "ctrl": ctrl, "alt": False})

    def _leave(self, _: Any) -> None:
        self._focused = False
        self._place(self._here)

    def _place(self, here: int | None) -> None:
        self._here, spots = here, self._spots
        marked = spots is not None and here is not None and self._focused
        self._mark.data = {name: [float(getattr(spots, name)[here])] if marked else [] for name in ("x", "y")}
        self.text = "" if spots is None or here is None else spots.text(here)
