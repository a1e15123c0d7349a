"""The server's part of `--plugins dashboards.serving.plugin`: guard, turns, Ctrl-C, and routes for files.

`deepvid serve` adds it; `panel serve dashboards/app.py` needs it named.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable
from functools import cache, wraps
from types import FrameType
from typing import Any, cast
from weakref import WeakKeyDictionary

from panel.io.server import DocHandler, RootHandler
from tornado.ioloop import IOLoop

from dashboards.serving import transfer
from dashboards.serving.computations import computations
from dashboards.serving.guard import guard_servers, import_nothing
from dashboards.serving.process import keep_modules
from dashboards.serving.scratch import collect
from dashboards.session import computing


@cache
def take_turns() -> None:
    """Builds pages one at a time from now on, and answers other requests in between; again, no change.

    Building one is Python from end to end, so that two at once would take as long: threads have one lock, and
    a session lives in one process. Without turns, all pages that are asked for together are built before
    anything else, and whoever works on an open page waits for all of them.
    """
    build = DocHandler.get
    turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

    @wraps(build)
    async def build_in_turn(handler: DocHandler, *arguments: Any, **options: Any) -> None:
        loop = asyncio.get_running_loop()
        async with turns.setdefault(loop, asyncio.Lock()):
            await asyncio.sleep(0)  # what came meanwhile comes first
            await cast(Awaitable[None], build(handler, *arguments, **options))

    DocHandler.get = build_in_turn  # type: ignore[method-assign]


@cache
def keep_queries() -> None:
    """Leads from `/` to the page with what the address asks of it, from now on; again, no change."""
    redirect = RootHandler.redirect

    @wraps(redirect)
    def redirect_with_query(handler: RootHandler, url: str, *arguments: Any, **options: Any) -> None:
        query = handler.request.query
        redirect(handler, f"{url}?{query}" if query and "?" not in url else url, *arguments, **options)

    RootHandler.redirect = redirect_with_query  # type: ignore[assignment, method-assign]


def prepare_servers() -> None:
    """Makes what every server of this process needs that shows the dashboard; again, no change."""
    import_nothing()
    guard_servers()
    keep_queries()
    take_turns()
    keep_modules()


INTERRUPTED = 130  # a shell's code for a program that was ended by Ctrl-C


def stop_on_interrupt() -> None:
    """Stops this thread's event loop on Ctrl-C, in place of raising `KeyboardInterrupt` wherever Python is.

    Raised while a weak reference is cleared or in a `__del__`, it is printed and lost, and the server stays.
    What is computed is cancelled, for the process waits for its threads, and for processes of its own.
    To be called in the main thread. Source: `asyncio.Runner`, which cancels its task so.
    """
    loop = IOLoop.current().asyncio_loop  # type: ignore[attr-defined]

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
        os.write(1, b"\nInterrupted, shutting down\n")
        loop.call_soon_threadsafe(loop.stop)
        loop.call_soon_threadsafe(computing.close)
        loop.call_soon_threadsafe(computations.close)

    signal.signal(signal.SIGINT, stop)


def __getattr__(name: str) -> Any:
    """`ROUTES` is what Panel asks its plug-ins for, before it makes the server."""
    if name != "ROUTES":
        raise AttributeError(name)
    prepare_servers()
    collect()
    stop_on_interrupt()
    return transfer.ROUTES
