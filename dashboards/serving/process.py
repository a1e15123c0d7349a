"""What a served dashboard asks of the Python process it lives in."""

import gc
import logging
from functools import cache

from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClosedError

from dashboards.serving.components import import_nothing
from dashboards.serving.locations import read_any_address
from dashboards.serving.sending import send_at_once, send_while_drawn

_LOGGERS = ("asyncio", "tornado.application")
"""Where an exception ends that nobody awaits: asyncio's handler, and Tornado's for callbacks."""


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


def silence_closed_tabs() -> None:
    """Drops the tracebacks of messages to closed tabs, and nothing else; calling it again changes nothing."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_worth_telling)


def _worth_telling(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, WebSocketClosedError | StreamClosedError)
