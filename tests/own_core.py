"""The cores of a test session: each worker keeps to one, and what is about several takes them all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

CAN = hasattr(os, "sched_setaffinity")  # not on macOS


def keep_to(worker: int) -> None:
    """Workers share the cores evenly. A run of theirs has one device and one process for its students: it
    compiles every program once, which is most of what it takes."""
    if CAN:
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[worker % len(cores)]})


@contextmanager
def every_core() -> Iterator[None]:
    """This thread, and what it starts, may run on every core."""
    mine = os.sched_getaffinity(0) if CAN else set()
    if CAN:
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    try:
        yield
    finally:
        if CAN:
            os.sched_setaffinity(0, mine)
