"""The engine of this process, which all sessions ask."""

from functools import cache

from deepvid.engine.client import Engine, connect


@cache
def engine() -> Engine:
    """Threads that compute, or one that says what is missing; made once."""
    return connect()


def refusal() -> str:
    """Why nothing is computed in this process, as a sentence; empty where it is."""
    return engine().refusal or ""
