"""The cores of a test session: each worker keeps to one, and what is about several takes them all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_setaffinity") else []  # none on macOS


def keep_to(worker: int) -> None:
    """Workers share the cores evenly. A run of theirs has one device and one process for its students: it
    compiles every program once, which is most of what it takes."""
    if CORES:
        os.sched_setaffinity(0, {CORES[worker % len(CORES)]})


@contextmanager
def every_core() -> Iterator[None]:
    """This thread, and what it starts, may run on every core of the session."""
    if not CORES:
        yield
        return
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, CORES)
    try:
        yield
    finally:
        os.sched_setaffinity(0, mine)
