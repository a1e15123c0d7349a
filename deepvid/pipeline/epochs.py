"""A stage that trains: one commit an epoch, continued after the last committed one."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeVar

import numpy as np
import xarray as xr

from deepvid.pipeline.stage import Bench

State = Mapping[str, np.ndarray]


class Snapshot(Protocol):
    """What every trainer yields after an epoch."""

    @property
    def parameters(self) -> Any: ...
    @property
    def metrics(self) -> dict[str, float]: ...
    @property
    def state(self) -> dict[str, np.ndarray]: ...


S = TypeVar("S", bound=Snapshot)


def train_series(
    bench: Bench,
    name: str,
    *,
    epochs: int,
    train: Callable[[State | None], Iterator[S]],
    group: Callable[[S], xr.Dataset],
) -> tuple[np.ndarray, dict[str, float]]:
    """Commits the epochs that are missing. Returns the parameters and metrics of the last one.

    `train` continues from a state (None: from the beginning); `group` says what an epoch stores.
    """
    series = bench.writer.begun_series(name, bench.key)
    if series is None or series.committed < epochs:
        for snapshot in train(series.state() if series else None):
            data = group(snapshot)
            series = series or bench.writer.series(name, bench.key, data, epochs)
            series.append(data, metrics=snapshot.metrics, state=snapshot.state)
    committed = bench.run.series(name)
    assert committed is not None  # epochs >= 1
    return committed.open("parameters")["parameters"][-1].to_numpy(), committed.metrics[-1]
