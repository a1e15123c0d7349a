"""A stage that trains: one commit an epoch, continued after the last committed one."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeVar

import numpy as np
import xarray as xr

from deepvid.fitted import fitted
from deepvid.pipeline.stage import Images, StageContext
from deepvid.store import Series

State = Mapping[str, np.ndarray]
FLOAT, MOMENTS = 4, 3  # bytes; copies of the parameters in a training state


class Snapshot(Protocol):
    """A finished epoch: its numbers, and what the next one is computed from."""

    @property
    def metrics(self) -> Mapping[str, Any]: ...
    @property
    def state(self) -> dict[str, np.ndarray]: ...


S = TypeVar("S", bound=Snapshot)


def grow_series(
    context: StageContext,
    name: str,
    *,
    epochs: int,
    train: Callable[..., Iterator[S]],
    group: Callable[[S], xr.Dataset],
    record: Callable[[S], None] = lambda snapshot: None,
) -> Series:
    """Commits the epochs that are missing; all of them then.

    `train(state=)` continues from a state (None: from the beginning); `group` says what an epoch stores;
    `record` commits what stands beside it, before it: where a process ends between the two, nothing is lost.
    """
    series = context.writer.begun_series(name, context.key)
    if series is None or series.committed < epochs:
        for snapshot in train(state=series.state() if series else None):
            data = group(snapshot)
            record(snapshot)
            series = series or context.writer.series(name, context.key, data, epochs)
            series.append(data, metrics=snapshot.metrics, state=snapshot.state)
            context.on_epoch_end()
    committed = context.run.series(name)
    assert committed is not None  # epochs >= 1
    return committed


def in_epochs(epochs: int, images: Images) -> str:
    """Announcement of a training, which tells its time itself, after its first steps."""
    return f"{epochs} epochs of {int(fitted(images.test).sum()):,} images"
