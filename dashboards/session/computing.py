"""The engine of this process, which all sessions ask."""

from functools import cache

from deepvid.engine.client import Engine, RefusingEngine, connect
from deepvid.errors import UserError
from deepvid.permissions import permissions

_READ_ONLY = RefusingEngine(
    UserError(
        "A server computes for its visitors unless it was started read-only",
        "--read-only",
        "Start it without that option, or use the command line",
    )
)


def engine() -> Engine:
    """Threads that compute, or one that says what is missing or not allowed."""
    return _READ_ONLY if permissions().read_only else _connected()


def refusal() -> str:
    """Why nothing is computed in this process, as a sentence; empty where it is."""
    return engine().refusal or ""


def close() -> None:
    """Cancels all that is computed, so that the process can end. The next request finds another engine."""
    if _connected.cache_info().currsize:
        _connected().close()
        _connected.cache_clear()


_connected = cache(connect)
