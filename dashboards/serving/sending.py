"""What the pages need of Bokeh's and Panel's sending, beyond what these do by themselves."""

from functools import cache, wraps
from threading import Lock
from typing import Any

from bokeh.document import Document
from bokeh.document.events import DocumentChangedEvent, DocumentPatchedEvent, MessageSentEvent
from bokeh.server.views.ws import WSHandler
from panel.io import document as panel_document


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
