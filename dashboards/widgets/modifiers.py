"""What the keys held during a gesture mean."""

from bokeh.events import KeyModifiers

from dashboards.session.selection import Mode

_MODES = {(True, False): Mode.ADD, (False, True): Mode.SUBTRACT, (True, True): Mode.INTERSECT}


def mode_of(modifiers: KeyModifiers | None) -> Mode | None:
    """Shift adds, control subtracts, both intersect; None: as the page's mode says."""
    if modifiers is None:
        return None
    return _MODES.get((bool(modifiers["shift"]), bool(modifiers["ctrl"])))
