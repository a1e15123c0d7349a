"""Work of a stage of batches that is no stage of ours: items are numbers, computed their squares.

In a module of its own, for workers import it by name; it imports no JAX, which would take most of their time.
"""

import os
import signal
import time
from pathlib import Path

import numpy as np
import xarray as xr

from deepvid.config.sections.section import Section
from deepvid.errors import DataError
from deepvid.pipeline.worker_pool import Batch
from deepvid.progress import Progress


class Squares(Section):
    power: int = 2
    until: int = 9  # chooses


def begin(run: Path, named: object = None) -> str:
    return run.name


def refuse(run: Path, named: object = None) -> str:
    raise ValueError(f"a worker began in {run.name}")


def task(name: str, batch: Batch, progress: Progress) -> xr.Dataset:
    assert isinstance(batch.section, Squares)
    for done in range(len(batch.items)):
        progress.update(done, len(batch.items))
    said = {"long_name": "a number", "units": "1"}
    numbers = np.array(batch.items, np.int32)
    variables = {"sample": numbers, "square": numbers**batch.section.power}
    return xr.Dataset({key: ("item", value, said) for key, value in variables.items()})


def slow_task(name: str, batch: Batch, progress: Progress) -> xr.Dataset:
    """A twentieth of a second an item; a safe point before each."""
    for done in range(len(batch.items)):
        progress.update(done, len(batch.items))
        time.sleep(0.05)
    return task(name, batch, progress)


def deadly_task(name: str, batch: Batch, progress: Progress) -> xr.Dataset:
    """Ends its worker at 40, as the kernel does when memory runs out."""
    if 40 in batch.items:
        os.kill(os.getpid(), signal.SIGKILL)
    return task(name, batch, progress)


def task_without_forty(name: str, batch: Batch, progress: Progress) -> xr.Dataset:
    if 40 in batch.items:
        raise DataError("Every number has a square", "around 40: RuntimeError: gone", "Mend it")
    return task(name, batch, progress)
