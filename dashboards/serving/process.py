"""The Python process of a served dashboard: garbage, logs, addresses, and what it sends."""

import gc
import logging
from functools import cache, wraps
from threading import Lock
from typing import Any

from bokeh.document import Document
from bokeh.document.events import DocumentChangedEvent, DocumentPatchedEvent, MessageSentEvent
from bokeh.server.views.multi_root_static_handler import MultiRootStaticHandler
from bokeh.server.views.ws import WSHandler
from bokeh.settings import settings
from panel.io import document as panel_document
from panel.io import location
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClosedError

from dashboards.served import PREFIX, publish
from dashboards.serving.guard import import_nothing

YEAR = 365 * 24 * 3600  # s
_LOGGERS = ("asyncio", "tornado.application")
"""Where an exception ends that nobody awaits: asyncio's handler, and Tornado's for callbacks."""


def prepare_process() -> None:
    """All of it, once for a process however often it is called."""
    silence_closed_tabs()
    import_nothing()
    read_any_address()
    send_at_once()
    send_while_drawn()
    keep_modules()
    skip_checks_of_models()
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


@cache
def send_at_once() -> None:
    """Turns Nagle's algorithm off for every websocket opened from now on; again, it changes nothing.

    Bokeh sends a message in parts (a header, the content, every array), and Nagle's algorithm holds back the
    second until the browser has acknowledged the first, which it may do 40 ms later. Source: the description
    of `set_nodelay` in Tornado's documentation of `WebSocketHandler`.
    """
    opened = WSHandler.open

    @wraps(opened)
    def at_once(handler: WSHandler) -> None:
        handler.set_nodelay(True)
        opened(handler)

    WSHandler.open = at_once  # type: ignore[method-assign]


@cache
def send_while_drawn() -> None:
    """Sends what changes while a browser draws a page for the first time; again, it changes nothing.

    A browser asks for the document and says that it is ready when all of it is drawn, seconds later where
    the machine is busy. Until then Panel 1.9.4 takes it for not connected, and `panel.io.hold`, which every
    layout uses, drops what changed inside, as if the document were still to be sent. The browser never hears
    of models that came in, and refuses every later message that names one ("reference p1335 isn't known").
    Here changes are dropped only while no websocket listens. Those that precede the document do no harm:
    BokehJS leaves them out, for the document has them.
    """
    drain = getattr(panel_document, "_drain_unconnected_events", None)
    if drain is None:  # a later Panel, which goes about it in another way
        return

    @wraps(drain)
    def drain_unheard(document: Document, lock: Lock) -> list[DocumentChangedEvent]:
        held = list(document.callbacks._held_events)
        kept = drain(document, lock)
        session: Any = getattr(document.session_context, "session", None)
        if session is None or not session.connection_count:
            return kept
        return kept + [event for event in held if _changes_a_model(event)]

    panel_document._drain_unconnected_events = drain_unheard  # type: ignore[assignment]


def _changes_a_model(event: DocumentChangedEvent) -> bool:
    return isinstance(event, DocumentPatchedEvent) and not isinstance(event, MessageSentEvent)


@cache
def keep_modules() -> None:
    """Lets browsers keep the modules of cards for a year, for their address changes with them; again, it
    changes nothing. Bokeh's handler of static files leaves it to the browser how often it asks.
    """
    publish()
    cached = MultiRootStaticHandler.get_cache_time

    @wraps(cached)
    def cached_by_address(handler: MultiRootStaticHandler, path: str, *others: Any) -> int:
        return YEAR if path.startswith(PREFIX) else cached(handler, path, *others)

    MultiRootStaticHandler.get_cache_time = cached_by_address  # type: ignore[assignment, method-assign]


def skip_checks_of_models() -> None:
    """Sends a new session's document without Bokeh's checks for mistakes of who writes a page (as a figure
    without a renderer): they take a tenth of the server's time until it is painted.
    """
    settings.perform_document_validation = False


@cache
def read_any_address() -> None:
    """Reads whatever address a browser can ask for, from now on; again, it changes nothing.

    Panel 1.9.4 expects one colon in a host and one question mark in an address. A page of `[::1]`, or of a
    link with another link inside, is then never built and stays white. The browser says the host itself.
    It also takes `²` and any number of digits for a number; `session.address` reads what an address says.
    """
    _read_any_digits()
    read = getattr(location, "_get_location_params", None)
    if read is None:  # a later Panel, which goes about it in another way
        return

    @wraps(read)
    def read_any(protocol: str | None, host: str | None, uri: str | None) -> dict[str, str]:
        path, mark, query = (uri or "").partition("?")
        quoted = query.replace("?", "%3F").replace("#", "%23")
        known: dict[str, str] = read(
            protocol, None if host and host.startswith("[") else host, path + mark + quoted
        )
        return known

    location._get_location_params = read_any


def _read_any_digits() -> None:
    parse = getattr(location, "parse_query", None)
    if parse is None:
        return

    @wraps(parse)
    def parse_any(query: str) -> dict[str, Any]:
        try:
            known: dict[str, Any] = parse(query)
        except ValueError:  # of `int`
            return {}
        return known

    location.parse_query = parse_any
