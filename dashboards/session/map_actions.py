"""What a person does on a map, whatever draws it."""

from bokeh.events import KeyModifiers

from dashboards.session.gestures import Gesture, Samples
from dashboards.session.modifiers import mode_of
from dashboards.session.selection import Step
from dashboards.session.session import Session


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
