"""The steps of a training, and the probes of its network between them, as its record has them."""

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from deepvid.caching import newest_per_owner
from deepvid.fields import TRAINING
from deepvid.step_numbers import OF_KERNEL, OF_LAYER, OF_STEP, STATISTICS, measure_names, number_names
from deepvid.store import Run, read_live

MEAN = STATISTICS.index("mean")


class TrainingSteps(NamedTuple):
    """f32, nan where nothing was recorded; the last axis has the minimum, mean and maximum of a column.

    A column is a step, or one of 512 stretches of an epoch: `deepvid.step_numbers.column_ends(steps)`.
    """

    steps: np.ndarray  # int (epoch,): of each epoch; 0: it was not recorded
    loss: np.ndarray  # (epoch, column, statistic), nats
    accuracy: np.ndarray  # (epoch, column, statistic)
    learning_rate: np.ndarray  # (epoch, column, statistic)
    layers: tuple[str, ...]  # those with a kernel, from the image on
    update_ratio: np.ndarray  # (epoch, column, layer, statistic): mean |update| / mean |parameter|
    gradient_norm: np.ndarray  # (epoch, column, layer, statistic), nats
    further: Mapping[str, np.ndarray]  # (epoch, column, statistic): by name, as a person logged them


class TrainingTicks(NamedTuple):
    """Probes of the network on 64 training images; nan where nothing was recorded."""

    step: np.ndarray  # f32 (epoch, tick): of the epoch, after which it was made
    layers: tuple[str, ...]
    mean: np.ndarray  # f32 (epoch, tick, layer)
    active: np.ndarray  # f32 (epoch, tick, layer): share of its outputs above 0
    drift: np.ndarray  # f32 (epoch, tick, layer): 1 - r of its units with the tick before, 0 to 2
    unit_layer: np.ndarray  # int (unit,): of each unit its layer
    unit_active: np.ndarray  # f32 (epoch, tick, unit): share of images and places in which it is above 0


def training_steps(run: Run) -> TrainingSteps | None:
    """The committed epochs of the run's teacher; None where the run has no record of them."""
    teacher = run.series("teacher")
    return None if teacher is None else _steps(run, teacher.key, teacher.epochs)


@newest_per_owner
def _steps(run: Run, key: str, epochs: int) -> TrainingSteps | None:
    record = _record(run, "step_number", "kernels")
    if record is None:
        return None
    layers = tuple(map(str, record.epochs.attrs["kernels"]))
    numbers, own = record.epochs["step_number"], len(number_names(layers))
    names = tuple(map(str, record.epochs.attrs.get("numbers", ())))
    if numbers.shape[2:] != (len(names), len(STATISTICS)) or names[:own] != number_names(layers):
        return None  # of another version
    whole, of_layers, rest = np.split(numbers.to_numpy(), [len(OF_STEP), own], axis=2)
    ratio, norm = np.split(of_layers, len(OF_KERNEL), axis=2)
    loss, accuracy, rate = np.moveaxis(whole, 2, 0)
    further = dict(zip(names[own:], np.moveaxis(rest, 2, 0), strict=True))
    return TrainingSteps(record.steps, loss, accuracy, rate, layers, ratio, norm, further)


def training_ticks(run: Run) -> TrainingTicks | None:
    """Those of the committed epochs of the run's teacher; None where the run has no record of them."""
    record = _record(run)
    if record is None or "tick_number" not in record.epochs:
        return None
    layers = tuple(map(str, record.epochs.attrs.get("layers", ())))
    units = [int(count) for count in record.epochs.attrs.get("layer_units", ())]
    of_layers, numbers = len(measure_names(layers)), record.epochs["tick_number"]
    if (len(units), of_layers + sum(units)) != (len(layers), numbers.shape[2]):
        return None  # of another version
    step, measures, active = np.split(numbers.to_numpy(), [1, of_layers], axis=2)
    mean, share, drift = np.split(measures, len(OF_LAYER), axis=2)
    return TrainingTicks(
        step[..., 0], layers, mean, share, drift, np.repeat(np.arange(len(layers)), units), active
    )


class _Record(NamedTuple):
    steps: np.ndarray
    epochs: xr.Dataset


def _record(run: Run, *needed: str) -> _Record | None:
    series, teacher = run.series(TRAINING), run.series("teacher")
    if series is None or teacher is None or series.key != teacher.key:
        return None
    epochs = min(series.epochs, teacher.epochs)  # a record is committed before its epoch
    if not epochs:
        return None
    steps = np.array([_count(metrics) for metrics in series.metrics[:epochs]], np.int64)
    return _Record(steps, series.open(*needed).isel(epoch=slice(0, epochs)))


def _count(metrics: dict[str, Any]) -> int:
    steps = metrics.get("steps")
    return steps if type(steps) is int and steps > 0 else 0


class StepCourse(NamedTuple):
    """Numbers of a training's steps, mean over stretches of equal length."""

    ends: np.ndarray  # f64 (point,): of the end of a stretch, in epochs from the beginning
    loss: np.ndarray  # f64 (point,)
    accuracy: np.ndarray  # f64 (point,)
    learning_rate: np.ndarray  # f64 (point,)
    update_ratio: np.ndarray  # f64 (point, layer)
    gradient_norm: np.ndarray  # f64 (point, layer)
    further: Mapping[str, np.ndarray]  # f64 (point,): by name


def recorded_course(run: Run, points: int) -> StepCourse | None:
    """That of a run's record, made once; None where it has none."""
    teacher = run.series("teacher")
    return None if teacher is None else _step_course(run, points, teacher.key, teacher.epochs)


@newest_per_owner
def _step_course(run: Run, points: int, key: str, epochs: int) -> StepCourse | None:
    steps = training_steps(run)
    return None if steps is None else step_course(steps, points)


def step_course(steps: TrainingSteps, points: int) -> StepCourse:
    """At most about so many points, the same number in every epoch that was recorded."""
    share = max(1, points // max(1, len(steps.steps)))
    numbers = (steps.loss, steps.accuracy, steps.learning_rate, steps.update_ratio, steps.gradient_norm)
    places, parts = [], []
    for epoch in np.flatnonzero(steps.steps):
        columns = min(int(steps.steps[epoch]), steps.loss.shape[1])
        ends = np.unique(np.linspace(0, columns, min(share, columns) + 1).round().astype(int))
        places.append(epoch + ends[1:] / columns)
        stretches = list(itertools.pairwise(ends.tolist()))
        parts.append(
            [_means(each[epoch][..., MEAN], stretches) for each in (*numbers, *steps.further.values())]
        )
    if not parts:
        nothing, none = np.zeros(0), np.zeros((0, len(steps.layers)))
        return StepCourse(
            nothing, nothing, nothing, nothing, none, none, dict.fromkeys(steps.further, nothing)
        )
    ends = np.concatenate(places)
    loss, accuracy, rate, ratio, norm, *rest = (np.concatenate(each) for each in zip(*parts, strict=True))
    further = dict(zip(steps.further, rest, strict=True))
    return StepCourse(ends, loss, accuracy, rate, ratio, norm, further)


def live_steps(run: Run, epochs: int) -> np.ndarray:
    """Rows (`deepvid.store.read_live`) of the epoch after so many; none where nobody writes them."""
    return read_live(Path(run.address), epochs)


def with_live(recorded: StepCourse, live: np.ndarray, epoch: int, steps: float, points: int) -> StepCourse:
    """Goes on with the epoch under way, from 0, of about so many steps; its numbers of layers do not."""
    rows = live[np.unique(np.linspace(0, len(live) - 1, min(points, len(live))).round().astype(int))]
    more = [rows["loss"], rows["accuracy"], np.full(len(rows), np.nan)]
    ends = epoch + np.minimum(rows["step"] / steps, 1)
    known = (recorded.loss, recorded.accuracy, recorded.learning_rate)
    loss, accuracy, rate = (np.append(old, new) for old, new in zip(known, more, strict=True))
    return recorded._replace(
        ends=np.append(recorded.ends, ends), loss=loss, accuracy=accuracy, learning_rate=rate
    )


def _means(columns: np.ndarray, stretches: list[tuple[int, int]]) -> np.ndarray:
    return np.stack([_mean(columns[begin:end]) for begin, end in stretches])


def _mean(columns: np.ndarray) -> np.ndarray:
    """Over the columns that have a number: a step that was logged may lack one; nan where none has."""
    known = ~np.isnan(columns)
    count = known.sum(axis=0)
    total = np.where(known, columns, 0.0).sum(axis=0, dtype=np.float64)
    return np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)
