"""Steps of a training that another program does: numbers by name, and how far kernels move."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import xarray as xr

from deepvid import fields
from deepvid.errors import DataError
from deepvid.step_numbers import MOST_COLUMNS, OF_KERNEL, OF_STEP, in_columns, number_names, record_attributes
from deepvid.store import dataset_of

PERIOD = 0.5  # seconds between two times that numbers are fetched from where they were computed
LONGEST_NAME = 200  # letters
STANDARD = tuple(number.name for number in OF_STEP)


class Watch(Protocol):
    """Somebody who sees the kernels of a model move."""

    names: tuple[str, ...]

    def close(self) -> None:
        """Looks no more."""
        ...

    def moved(self) -> tuple[Any, Any] | None:
        """Update ratios and gradient norms (kernel,) of the last step, arrays or tensors; None: not known."""
        ...

    @property
    def rate(self) -> float | None:
        """Learning rate of the last step; None: not known."""
        ...


class _Row(NamedTuple):
    numbers: Mapping[str, Any]
    moved: tuple[Any, Any] | None


class Steps:
    """Steps of the epoch under way. Tensors are fetched twice a second: no step waits for a device."""

    def __init__(self) -> None:
        self.watch: Watch | None = None
        self._waiting: list[_Row] = []
        self._fetched: list[tuple[dict[str, float], np.ndarray]] = []
        self._next = 0.0

    def __len__(self) -> int:
        return len(self._fetched) + len(self._waiting)

    @property
    def kernels(self) -> tuple[str, ...]:
        """Names of the kernels that are watched."""
        return () if self.watch is None else self.watch.names

    def add(self, numbers: Mapping[str, Any]) -> None:
        """Keeps one step. Raises DataError for what is no number by its shape."""
        row = {_name(name): _detached(name, value) for name, value in numbers.items() if value is not None}
        moved = None
        if self.watch is not None:
            moved = self.watch.moved()
            if "learning_rate" not in row and (rate := self.watch.rate) is not None:
                row["learning_rate"] = rate
        self._waiting.append(_Row(row, moved))
        if (now := time.monotonic()) >= self._next:
            self._next = now + PERIOD
            self._fetch(self._waiting[:-1])  # the last may still be computed
            self._waiting = self._waiting[-1:]

    def end(self) -> tuple[np.ndarray, dict[str, float]]:
        """The epoch's f64 (step, number), in the order of `number_names`, and the means of its other numbers;
        the next epoch begins."""
        self._fetch(self._waiting)
        rows, self._fetched, self._waiting = self._fetched, [], []
        others = sorted({name for numbers, _ in rows for name in numbers} - set(STANDARD))
        means = {name: _mean([numbers.get(name, math.nan) for numbers, _ in rows]) for name in others}
        width = len(STANDARD) + len(OF_KERNEL) * len(self.kernels)
        table = np.full((len(rows), width), np.nan)
        for row, (numbers, moved) in zip(table, rows, strict=True):
            row[: len(STANDARD)] = [numbers.get(name, math.nan) for name in STANDARD]
            row[len(STANDARD) : len(STANDARD) + len(moved)] = moved
        return table, means

    def _fetch(self, rows: Sequence[_Row]) -> None:
        for numbers, moved in rows:
            values = {name: float(value) for name, value in numbers.items()}
            kernels = np.zeros(0) if moved is None else np.concatenate([_array(part) for part in moved])
            self._fetched.append((values, kernels))


def step_group(steps: np.ndarray, kernels: Sequence[str], form: xr.Dataset | None) -> xr.Dataset:
    """Variables of an epoch of the series `training`, with as many columns as the first one has (`form`)."""
    columns = min(len(steps), MOST_COLUMNS) if form is None else form.sizes["column"]
    numbers = np.full((len(steps), len(number_names(kernels))), np.nan)
    numbers[:, : steps.shape[1]] = steps  # kernels that nobody watches any more are not known
    arrays = {"step_number": in_columns(numbers, columns)}
    return dataset_of(fields.TRAINING_EPOCH, arrays, record_attributes(kernels))


def _name(name: object) -> str:
    if isinstance(name, str) and 0 < len(name) <= LONGEST_NAME:
        return name
    raise DataError(
        f"A number of a step has a name of 1 to {LONGEST_NAME} letters", f"{str(name)[:80]!r}", "Shorten it"
    )


def _detached(name: str, value: Any) -> Any:
    """The value as it is now, without what it was computed from. Nothing is fetched from a device."""
    if callable(detach := getattr(value, "detach", None)):
        value = detach().clone()
    shape = tuple(getattr(value, "shape", ()))
    if math.prod(shape) != 1 or not (
        shape or isinstance(value, bool | int | float | np.generic) or hasattr(value, "dtype")
    ):
        found = f"{name!r} of shape {shape}" if shape else f"{name!r}: {type(value).__name__}"
        raise DataError("Numbers of a step are one each", found, "Give a mean, such as loss.mean()")
    if isinstance(value, np.ndarray):
        return float(value.reshape(()))
    return value.reshape(()) if shape else value


def _array(values: Any) -> np.ndarray:
    """Of a tensor on any device."""
    if callable(cpu := getattr(values, "cpu", None)):
        values = cpu()
    return np.asarray(values, np.float64)


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan


class ComparedKernels:
    """Kernels that are compared from one step to the next, for frameworks that show no update."""

    rate: float | None = None

    def __init__(self, names: Sequence[str], read: Callable[[], Sequence[Any]], every: int) -> None:
        """`read` gives the kernels as they are now; they are looked at every so many steps."""
        self.names = tuple(names)
        self._read, self._every, self._count = read, every, 0
        self._before: list[np.ndarray] | None = None

    def close(self) -> None:
        """Forgets the kernels."""
        self._before = None

    def moved(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Between two steps that follow each other; gradients are not known."""
        self._count += 1
        if self._count % self._every > 1 and self._every > 1:
            self._before = None
            return None
        now = [np.array(kernel, np.float32) for kernel in self._read()]
        before, self._before = self._before, now
        if before is None:
            return None
        ratios = [
            float(np.abs(new - old).sum() / np.abs(old).sum()) for new, old in zip(now, before, strict=True)
        ]
        return np.array(ratios), np.full(len(ratios), np.nan)
