"""Processes that this one starts: fresh interpreters, which end with it and never run its script again."""

import multiprocessing
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

SPAWN = multiprocessing.get_context("spawn")  # a fork would copy the threads' locks, but not the threads


@contextmanager
def without_script() -> Iterator[None]:
    """Where processes are started in it, they do not import the script that runs here.

    Python would run it once more in each of them, from its first line on, unless all of it stands under
    `if __name__ == "__main__"`. Whatever they are to do lies in a module.
    """
    script = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script


def end_with_parent() -> None:
    """Watches the parent from a thread of this process and ends the process once it is gone."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, name="lifetime", daemon=True).start()
