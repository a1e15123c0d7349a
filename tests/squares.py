"""A stage of batches that is no stage of ours: items are numbers, and what is computed is their square.

In a module of its own, for workers import it by name.
"""

from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import xarray as xr

from deepvid.config.sections.section import Section
from deepvid.errors import DataError
from deepvid.pipeline.batches import BatchStage, Items
from deepvid.pipeline.crew import Batch
from deepvid.pipeline.stage import Bench
from deepvid.progress import Progress, Tick
from deepvid.store import Run, RunWriter


class Squares(Section):
    power: int = 2
    until: int = 9  # chooses


def begin(run: Path) -> str:
    return run.name


def refuse(run: Path) -> str:
    raise ValueError(f"a worker began in {run.name}")


def task(name: str, batch: Batch, progress: Progress) -> xr.Dataset:
    assert isinstance(batch.section, Squares)
    for done in range(len(batch.items)):
        progress.update(done, len(batch.items))
    said = {"long_name": "a number", "units": "1"}
    numbers = np.array(batch.items, np.int32)
    variables = {"sample": numbers, "square": numbers**batch.section.power}
    return xr.Dataset({key: ("item", value, said) for key, value in variables.items()})


def task_without_forty(name: str, batch: Batch, progress: Progress) -> xr.Dataset:
    if 40 in batch.items:
        raise DataError("Every number has a square", "around 40: RuntimeError: gone", "Mend it")
    return task(name, batch, progress)


def squares(
    wanted: Sequence[int], power: int = 2, begin: Any = begin, until: int = 9, task: Any = task
) -> BatchStage:
    return BatchStage(
        name="squares",
        needs=("dataset",),
        section=Squares(power=power, until=until),
        seed=0,
        version=1,
        choosing=frozenset({"until"}),
        items=lambda bench: Items(np.array(wanted, np.int64), item_bytes=8),
        begin=begin,
        task=task,
    )


def bench(writer: RunWriter, key: str, ticks: list[Tick] | None = None) -> Bench:
    return Bench(key, writer, Progress((ticks if ticks is not None else []).append, Event()))


def contents(run: Run) -> dict[str, list[int]]:
    return {batch.name: batch.open()["sample"].values.tolist() for batch in run.batches("squares")}
