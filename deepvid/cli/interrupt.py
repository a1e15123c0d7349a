"""Ctrl-C once stops at the next safe point, twice at once."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

from rich.console import Console


@contextmanager
def interruptible(console: Console) -> Iterator[Event]:
    """Gives the event that the first Ctrl-C (or SIGTERM) sets. The second ends the process with 130."""
    asked = Event()

    def stop(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            console.show_cursor(True)
            os._exit(130)  # the store's protocol survives it, and workers end with their parent
        asked.set()
        os.write(2, b"\nStopping at the next safe point. Ctrl-C again stops at once.\n")

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
