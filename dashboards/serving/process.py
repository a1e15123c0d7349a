"""What a served dashboard asks of the Python process it lives in."""

import gc
from functools import cache

from dashboards.serving.closed_tabs import silence_closed_tabs
from dashboards.serving.components import import_nothing
from dashboards.serving.locations import read_any_address
from dashboards.serving.sending import send_at_once, send_while_drawn


def prepare_process() -> None:
    """All of it, once for a process however often it is called."""
    silence_closed_tabs()
    import_nothing()
    read_any_address()
    send_at_once()
    send_while_drawn()
    spare_what_stays()


@cache
def spare_what_stays() -> None:
    """Leaves what is there by now, modules and all that they hold, out of every collection; again, nothing.

    A full collection looks at all objects, most of which belong to imported libraries, and takes longer than
    any gesture in the middle of which it falls. Source: `gc.freeze` in Python's documentation.
    """
    gc.freeze()
