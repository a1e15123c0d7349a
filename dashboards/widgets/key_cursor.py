"""Keys in a plot: arrows lead from one spot to the next, Enter does what a click there does."""

from collections.abc import Callable
from typing import Any

from bokeh.events import KeyModifiers
from bokeh.plotting import figure as Figure  # noqa: N812 - a class in all but name

from dashboards.theme import Palette
from dashboards.widgets.cursor import Cursor, Keys
from dashboards.widgets.spots import Spots, first, same, toward

Act = Callable[[Any, KeyModifiers], None]
"""What a click on what a spot means, with these keys held, does."""


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
        """What a click on the spot does."""
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
