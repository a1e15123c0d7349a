"""An event loop for a test that needs one."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


def in_own_loop(work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Result of ``work``, run in a thread of its own.

    A browser test before this one leaves its loop running in the main thread, where no other may start.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result()
