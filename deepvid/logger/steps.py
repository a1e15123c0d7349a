"""Steps of a training that another program does: numbers by name, and how far kernels move."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple, Protocol

import numpy as np
import xarray as xr

from deepvid import fields
from deepvid.errors import DataError
from deepvid.step_columns import StepColumns
from deepvid.step_numbers import MOST_COLUMNS, OF_STEP, number_names, record_attributes
from deepvid.store import dataset_of

PERIOD = 0.5  # seconds between two times that numbers are fetched from where they were computed
LONGEST_NAME = 200  # letters
MOST_FURTHER = 64  # numbers of a person's own that are kept by step; of others the means of the epochs are


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

    def __init__(self, live: Callable[[np.ndarray], None]) -> None:
        """`live` is told loss and accuracy (step, 2) of the steps that were fetched; nan: not known."""
        self.watch: Watch | None = None
        self._live = live
        self._waiting: list[_Row] = []
        self._columns = StepColumns()
        self._next = 0.0

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

    def end(self) -> StepColumns:
        """Those of the epoch; the next one begins."""
        self._fetch(self._waiting)
        columns, self._columns, self._waiting = self._columns, StepColumns(), []
        return columns

    def _fetch(self, rows: Sequence[_Row]) -> None:
        if not rows:
            return
        places = {name: place for place, name in enumerate({name: 0 for row in rows for name in row.numbers})}
        moved = number_names(self.kernels)[len(OF_STEP) :]
        table = np.full((len(rows), len(places) + len(moved)), np.nan)
        cells = [
            (at, places[name], value) for at, row in enumerate(rows) for name, value in row.numbers.items()
        ]
        if cells:
            lines, columns, values = zip(*cells, strict=True)
            table[lines, columns] = to_floats(values)
        known = [at for at, row in enumerate(rows) if row.moved is not None]
        if known:
            both = zip(*[rows[at].moved or () for at in known], strict=True)
            table[known, len(places) :] = np.concatenate([to_floats(part) for part in both], axis=1)
        self._columns.extend([*places, *moved], table)
        nothing = np.full(len(rows), np.nan)
        parts = [table[:, places[name]] if name in places else nothing for name in ("loss", "accuracy")]
        self._live(np.stack(parts, axis=-1))


def to_floats(values: Sequence[Any]) -> np.ndarray:
    """f64 (value, …): numbers, arrays or tensors of one shape; those of PyTorch in one copy a device."""
    devices: dict[Any, list[int]] = {}
    for at, value in enumerate(values):
        devices.setdefault(value.device if callable(getattr(value, "cpu", None)) else None, []).append(at)
        if callable(copy := getattr(value, "copy_to_host_async", None)):
            copy()  # of JAX: all are on their way at once
    found = np.empty((len(values), *getattr(values[0], "shape", ())))
    for device, places in devices.items():
        part = [values[at] for at in places]
        if device is not None:
            part = import_module("torch").stack([tensor.float() for tensor in part]).cpu().numpy()
        found[places] = part
    return found


def step_group(steps: StepColumns, kernels: Sequence[str], form: xr.Dataset | None) -> xr.Dataset:
    """Variables of an epoch of the series `training`, with the columns and names of the first one (`form`).

    What that one had and this one lacks is not known: of kernels that nobody watches any more, for instance.
    """
    if form is None:
        columns, further = min(steps.steps, MOST_COLUMNS), further_names(steps, kernels)[:MOST_FURTHER]
    else:
        columns = form.sizes["column"]
        further = tuple(map(str, form.attrs["numbers"]))[len(number_names(kernels)) :]
    numbers = steps.columns((*number_names(kernels), *further), columns)
    return dataset_of(fields.TRAINING_EPOCH, {"step_number": numbers}, record_attributes(kernels, further))


def further_names(steps: StepColumns, kernels: Sequence[str]) -> tuple[str, ...]:
    """Numbers of a person's own, in alphabetical order."""
    return tuple(sorted(set(steps.names) - set(number_names(kernels))))


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
