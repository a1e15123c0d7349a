"""Pages are built one at a time, and between two of them the server answers what else it was asked.

Building one is Python from end to end, so that two at once would take as long: threads have one lock, and a
session lives in one process. Without turns, all that are asked for together are built before anything else,
and whoever works on an open page waits for all of them.
"""

import asyncio
from collections.abc import Awaitable
from functools import cache, wraps
from typing import Any, cast
from weakref import WeakKeyDictionary

from panel.io.server import DocHandler


@cache
def take_turns() -> None:
    """From now on; again, it changes nothing."""
    build = DocHandler.get
    turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

    @wraps(build)
    async def build_in_turn(handler: DocHandler, *arguments: Any, **options: Any) -> None:
        loop = asyncio.get_running_loop()
        async with turns.setdefault(loop, asyncio.Lock()):
            await asyncio.sleep(0)  # what came meanwhile comes first
            await cast(Awaitable[None], build(handler, *arguments, **options))

    DocHandler.get = build_in_turn  # type: ignore[method-assign]
