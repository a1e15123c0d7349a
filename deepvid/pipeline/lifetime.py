"""A child process does not outlive the one that started it, however that ended."""

import multiprocessing
import os
import threading


def end_with_parent() -> None:
    """Watches the parent from a thread of this process and ends the process once it is gone."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, name="lifetime", daemon=True).start()
