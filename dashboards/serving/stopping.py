"""Ctrl-C stops the server once its hands are free, and at once when it is pressed again."""

import os
import signal
from types import FrameType

from tornado.ioloop import IOLoop

INTERRUPTED = 130  # a shell's code for a program that was ended by Ctrl-C


def stop_on_interrupt() -> None:
    """Stops this thread's event loop on Ctrl-C, in place of raising `KeyboardInterrupt` wherever Python is.

    Raised while a weak reference is cleared or in a `__del__`, it is printed and lost, and the server stays.
    To be called in the main thread. Source: `asyncio.Runner`, which cancels its task so.
    """
    loop = IOLoop.current().asyncio_loop  # type: ignore[attr-defined]

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
        os.write(1, b"\nInterrupted, shutting down\n")
        loop.call_soon_threadsafe(loop.stop)

    signal.signal(signal.SIGINT, stop)
