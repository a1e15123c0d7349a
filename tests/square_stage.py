"""A stage of squares, and runs that it is brought into."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import squares as toy
import xarray as xr

from deepvid import config
from deepvid.pipeline.batches import BatchStage, Items
from deepvid.pipeline.stage import StageContext, key_in
from deepvid.pipeline.user_model import UserModel
from deepvid.pipeline.worker_pool import Workers
from deepvid.progress import Progress, Tick
from deepvid.store import Run, RunWriter, open_writer

SHARED = "d" * 12
OBJECT = UserModel(config.Function(), instance=print)  # a classifier that no other process can open


def squares(
    wanted: Sequence[int], power: int = 2, begin: Any = toy.begin, until: int = 9, task: Any = toy.task
) -> BatchStage:
    return BatchStage(
        name="squares",
        needs=("dataset",),
        section=toy.Squares(power=power, until=until),
        seed=0,
        version=1,
        choosing=frozenset({"until"}),
        items=lambda context: Items(np.array(wanted, np.int64), item_bytes=8),
        begin=begin,
        task=task,
    )


@contextmanager
def run(store: Path, name: str, dataset: str = SHARED) -> Iterator[RunWriter]:
    """A run with a stage that squares need."""
    with open_writer(store, f"{name}-0123abcd", config={"name": name}, provenance={}, hashing=2) as writer:
        if "dataset" not in writer.run.stages:
            labels = xr.Dataset({"label": ("sample", np.arange(3, dtype=np.int32))})
            writer.commit_stage("dataset", dataset, labels)
        yield writer


def ensure(
    writer: RunWriter,
    stage: BatchStage,
    ticks: list[Tick] | None = None,
    named: UserModel | None = None,
    workers: Workers | None = None,
    cancel: Event | None = None,
) -> str:
    progress = Progress((ticks if ticks is not None else []).append, cancel)
    key = key_in(writer.run, stage)
    return stage.ensure(StageContext(key, writer, progress, user_model=named, workers=workers))


def ensure_here(writer: RunWriter, stage: BatchStage) -> str:
    """By a thread of this process, as where a program holds the classifier: no worker has to begin."""
    return ensure(writer, stage, named=OBJECT)


def contents(run: Run) -> dict[str, list[int]]:
    return {batch.name: batch.open()["sample"].values.tolist() for batch in run.batches("squares")}
