"""What a tap on a plot, and the keys held during it, mean."""

from bokeh.events import DoubleTap, KeyModifiers, Tap

from dashboards.session.gestures import Gesture
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session

_MODES = {(True, False): Mode.ADD, (False, True): Mode.SUBTRACT, (True, True): Mode.INTERSECT}


def mode_of(modifiers: KeyModifiers | None) -> Mode | None:
    """Shift adds, control subtracts, both intersect; None: as the page's mode says."""
    if modifiers is None:
        return None
    return _MODES.get((bool(modifiers["shift"]), bool(modifiers["ctrl"])))


def tapped(session: Session, event: Tap, gesture: Gesture) -> None:
    """A tap applies a gesture, and a second one on what is selected lets it go.

    Soon after another a tap is a double one, wherever it is: it lets nothing go.
    """
    step = Step(mode_of(event.modifiers) or session.selection.mode, gesture)
    if isinstance(event, DoubleTap):
        session.select(step)
    else:
        session.toggle(step)
