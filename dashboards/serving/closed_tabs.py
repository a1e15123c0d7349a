"""A tab that closes while a message is on its way is no fault, and prints none."""

import logging

from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClosedError

_LOGGERS = ("asyncio", "tornado.application")
"""Where an exception ends that nobody awaits: asyncio's handler, and Tornado's for callbacks."""


def silence_closed_tabs() -> None:
    """Drops the tracebacks of messages to closed tabs, and nothing else; calling it again changes nothing."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_worth_telling)


def _worth_telling(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, WebSocketClosedError | StreamClosedError)
