"""What a served dashboard asks of the Python process it lives in."""

import gc
import sys
from functools import cache

from dashboards.serving.closed_tabs import silence_closed_tabs
from dashboards.serving.sending import send_at_once, send_while_drawn

TURN = 5e-4  # seconds


def prepare_process() -> None:
    """All of it, once for a process however often it is called."""
    silence_closed_tabs()
    send_at_once()
    send_while_drawn()
    take_short_turns()
    spare_what_stays()


def take_short_turns() -> None:
    """Lets a thread that waits for Python's lock have it after half a millisecond, not after five.

    The views of a gesture are prepared side by side, Zarr answers them from a thread of its own, and the
    document's thread publishes: each needs the lock for moments, and a pure Python loop elsewhere would keep
    it for ten such moments. Source: `sys.setswitchinterval` in Python's documentation.
    """
    sys.setswitchinterval(TURN)


@cache
def spare_what_stays() -> None:
    """Leaves what is there by now, modules and all that they hold, out of every collection; again, nothing.

    A full collection looks at all objects, and most of a server's are those of the imported libraries: it
    took 210 ms, whenever it was due, also in the middle of a gesture. Source: `gc.freeze` in Python's
    documentation.
    """
    gc.freeze()
