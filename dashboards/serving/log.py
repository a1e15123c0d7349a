"""Changes by visitors, for the person who runs the server: one line each, with time and origin."""

import logging
import sys
from functools import cache

from bokeh.document import Document


def origin(document: Document) -> str:
    """Where the browser of a session is, and who it says to be; for a log."""
    context = document.session_context
    request = getattr(context, "request", None)
    address = getattr(request, "remote_ip", None) or "this process"
    agent = request.headers.get("User-Agent", "") if request is not None else ""
    return f"{address} ({agent})" if agent else str(address)


def record(what: str, who: str) -> None:
    """Says what `who`, an `origin`, has done."""
    _log().info("%s by %s", _printable(what), _printable(who))


def _printable(text: str) -> str:
    """One line without escape sequences: both parts come from a browser."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


@cache
def _log() -> logging.Logger:
    log = logging.getLogger("deepvid.changes")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)  # whatever the server's own level is
    log.propagate = False
    return log
