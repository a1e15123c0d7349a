"""The first act of a worker of Dask, before it imports all else of ours: it takes the core of its name."""

import os
import sys
from typing import Any


def dask_setup(worker: Any) -> None:
    """`core-3` has the fourth core, and sums in the order of one."""
    kind, _, number = str(worker.name).rpartition("-")
    if kind.endswith("core") and sys.platform == "linux":
        os.sched_setaffinity(0, {int(number)})
