"""A session without a browser: views are built and spoken to, and what they schedule is done by hand."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from bokeh.document import Document
from loops import in_own_loop

from dashboards.pages.catalogue import PAGES
from dashboards.session.session import Session

T = TypeVar("T")
Settle = Callable[[], Awaitable[None]]


def in_session(
    store: Path, search: str, build: Callable[[Session, Settle], T], work: Callable[[T], Awaitable[None]]
) -> None:
    """Opens a link in a new session, and does `work` with what `build` makes there."""

    async def opened() -> None:
        document = Document()
        session = Session(store, document, {page.name: page.state for page in PAGES})

        async def settle() -> None:
            """What was scheduled is done; a document without a browser does it by hand."""
            for _ in range(8):
                await asyncio.sleep(0.02)
                for callback in list(document.session_callbacks):
                    document.remove_next_tick_callback(callback)  # type: ignore[arg-type]
                    callback.callback()

        session.poll()
        session.go(search)
        built = build(session, settle)
        await settle()
        await work(built)

    in_own_loop(opened)
