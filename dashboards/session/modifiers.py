"""Meaning of a click or a lasso on a plot, and of the keys held during it."""

from collections.abc import Callable, Mapping
from math import dist
from typing import Any

from bokeh.events import DoubleTap, Event, KeyModifiers, PointEvent, Press, PressUp, Tap
from bokeh.model import Model

from dashboards.session.gestures import Gesture, Query, Samples
from dashboards.session.selection import Mode, Step, Steps
from dashboards.session.session import Session

_STILL = 5.0
"""Pixels a hand may move during a click, as Bokeh's own threshold."""

_MODES = {(True, False): Mode.ADD, (False, True): Mode.SUBTRACT, (True, True): Mode.INTERSECT}


def held(value: Mapping[str, Any]) -> KeyModifiers:
    """The keys that a message of a browser says were held."""
    return KeyModifiers(shift=bool(value.get("shift")), ctrl=bool(value.get("ctrl")), alt=False)


def mode_of(modifiers: KeyModifiers | None) -> Mode | None:
    """Shift adds, control subtracts, both intersect; None: as the page's mode says."""
    if modifiers is None:
        return None
    return _MODES.get((bool(modifiers["shift"]), bool(modifiers["ctrl"])))


def on_click(figure: Model, react: Callable[[PointEvent], None]) -> None:
    """Calls `react` with every click on a figure, however soon after another and however slow.

    Bokeh calls a click soon after another a double tap, wherever it is, and one that a slow hand, or a page
    with its hands full, holds for .3 s a press. A press that ends elsewhere is no click.
    """
    begun: list[tuple[float, float]] = []

    def heard(event: Event) -> None:
        assert isinstance(event, PointEvent)
        at = event.sx or 0.0, event.sy or 0.0
        if isinstance(event, Press):
            begun[:] = [at]
        elif not isinstance(event, PressUp) or (begun and dist(begun.pop(), at) <= _STILL):
            react(event)

    for kind in (Tap, DoubleTap, Press, PressUp):
        figure.on_event(kind, heard)


def tapped(session: Session, event: PointEvent, gesture: Gesture) -> None:
    """A tap applies a gesture, and a second one on what is selected lets it go."""
    step = Step(mode_of(event.modifiers) or session.selection.mode, gesture)
    if isinstance(event, DoubleTap):  # soon after another, wherever it is
        session.select(step)
    else:
        session.toggle(step)


def pressed(session: Session, held: KeyModifiers, gesture: Gesture) -> None:
    """Enter applies a gesture as a tap does."""
    session.toggle(Step(mode_of(held) or session.selection.mode, gesture))


def apply_click(session: Session, asked: Mapping[str, Any], gesture: Gesture) -> None:
    """A click on a card's button applies a gesture; `asked` is what it has said, with its keys."""
    pressed(session, {"shift": asked["shift"], "ctrl": asked["ctrl"], "alt": False}, gesture)


def sole_query(steps: Steps) -> str:
    """The query that is all of the selection; empty: there is none."""
    only = steps[0] if len(steps) == 1 and steps[0].mode is Mode.REPLACE else None
    return only.gesture.text if only is not None and isinstance(only.gesture, Query) else ""


class MapActions:
    """Turns a lasso and a click into what they mean to the session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def brush(self, gesture: Gesture, held: KeyModifiers | None) -> None:
        """Selects what lies inside; keys held say how."""
        mode = mode_of(held) or self._session.selection.mode
        self._session.select(Step(mode, gesture))

    def pick(self, sample: int, held: KeyModifiers | None) -> None:
        """Puts one image under study; with a key held it is selected, or let go, instead."""
        mode = mode_of(held)
        if mode is None:
            self._session.focus(sample)
        else:
            self._session.select(Step(mode, Samples((sample,))))
