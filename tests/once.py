"""Files that one process of a test session makes for all of them."""

import fcntl
from collections.abc import Callable
from pathlib import Path


def once(path: Path, make: Callable[[Path], object]) -> Path:
    """`path`, made by the first process that asks; the others wait for it."""
    done = path.with_name(f"{path.name}.done")
    with path.with_name(f"{path.name}.lock").open("w") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        if not done.exists():
            make(path)
            done.touch()
    return path
