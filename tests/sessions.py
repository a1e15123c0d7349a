"""A session without a browser: views are built and spoken to, and what they schedule is done by hand."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from bokeh.document import Document
from free_threads import all_free
from loops import in_own_loop

from dashboards.pages.catalogue import PAGES
from dashboards.session.session import Session

T = TypeVar("T")
Settle = Callable[[], Awaitable[None]]
MOST = 100  # rounds of what is scheduled by what was scheduled


async def settled(document: Document) -> None:
    """Does all that is scheduled, that threads prepare for it, and that this schedules, until there is
    nothing; a document without a browser does it by hand."""
    for _ in range(MOST):
        await asyncio.gather(*map(asyncio.wrap_future, all_free()))
        callbacks = list(document.session_callbacks)
        if not callbacks:
            return
        for callback in callbacks:
            document.remove_next_tick_callback(callback)  # type: ignore[arg-type]
            callback.callback()
    raise AssertionError("what is scheduled comes to no end")


async def settled_until(document: Document, holds: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Whether it holds, at last: also work in other processes is waited for."""
    end = time.monotonic() + seconds
    await settled(document)
    while not (held := holds()) and time.monotonic() < end:
        await asyncio.sleep(0.01)
        await settled(document)
    return held


def in_session(
    store: Path, search: str, build: Callable[[Session, Settle], T], work: Callable[[T], Awaitable[None]]
) -> None:
    """Opens a link in a new session, and does `work` with what `build` makes there."""

    async def opened() -> None:
        document = Document()
        session = Session(store, document, {page.name: page.state for page in PAGES})

        session.poll()
        session.go(search)
        built = build(session, partial(settled, document))
        await settled(document)
        await work(built)

    in_own_loop(opened)
