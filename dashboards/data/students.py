"""The students of a run, joined from their batches by sample and settings."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import xarray as xr

from deepvid.store import Run


class Student(NamedTuple):
    """One student as arrays; fits differ in smoothness only."""

    settings: dict[str, Any]
    settings_key: str
    smoothness: np.ndarray  # f32 (fit,)
    weights: np.ndarray  # f32 (fit, class, y, x, channel)
    intercept: np.ndarray  # f32 (fit, class)
    agreement: np.ndarray  # f32 (fit,): with its interval, the floor and the rest on held-out neighbors
    agreement_low: np.ndarray
    agreement_high: np.ndarray
    floor: np.ndarray
    kl: np.ndarray
    kappa: np.ndarray
    r2: np.ndarray
    certificate: np.ndarray
    agrees_on_sample: np.ndarray  # bool (fit,)
    held_out: int
    gate: bool  # the teacher sees the same class in the image and in its reconstruction
    reconstruction_class: int
    gradient: np.ndarray | None  # f32 (y, x, channel): of logit contrast[0] - logit contrast[1]
    contrast: tuple[int, int]  # predicted and true class; predicted and runner-up where they are equal
    teacher_logits: np.ndarray  # f32 (class,)


def student_at(batch: xr.Dataset, row: int) -> Student:
    """Reads one student out of a batch."""
    one = batch.isel(student=row).load()
    gradient = one["neighborhood_gradient"].to_numpy().astype(np.float32)
    first, second = (int(index) for index in one["contrast"].to_numpy())
    fits = ("agreement", "agreement_low", "agreement_high", "floor", "kl", "kappa", "r2", "certificate")
    return Student(
        settings=dict(batch.attrs["settings"]),
        settings_key=str(batch.attrs["settings_key"]),
        smoothness=one["smoothness"].to_numpy(),
        weights=one["weights"].to_numpy().astype(np.float32),
        intercept=one["intercept"].to_numpy(),
        agrees_on_sample=one["agrees_on_sample"].to_numpy(),
        held_out=int(one["held_out"]),
        gate=bool(one["gate"]),
        reconstruction_class=int(one["reconstruction_class"]),
        gradient=gradient if gradient.any() else None,
        contrast=(first, second),
        teacher_logits=one["teacher_logits"].to_numpy(),
        **{name: one[name].to_numpy() for name in fits},
    )


LARGE = ("weights", "neighborhood_gradient")

_READERS = ThreadPoolExecutor(8, thread_name_prefix="deepvid-students")


def _resident(batch: xr.Dataset) -> xr.Dataset:
    """Holds all but the pictures in memory: reading 17 small variables one by one costs 2 ms each.

    They are read side by side, for behind a URL each is a request.
    """
    small = batch.drop_vars(LARGE)
    list(_READERS.map(xr.Variable.load, small.variables.values()))
    return small.assign({name: batch[name] for name in LARGE})


class StudentTable:
    """Where each student of a run is; it grows with the run and never reads a batch twice."""

    def __init__(self) -> None:
        self._batches: list[xr.Dataset] = []
        self._places: dict[int, dict[str, tuple[int, int]]] = {}  # sample -> settings key -> (batch, row)

    def extend(self, batches: Iterable[xr.Dataset]) -> None:
        """Takes in further batches; a later student replaces one of equal sample and settings."""
        for batch in batches:
            key, number = str(batch.attrs["settings_key"]), len(self._batches)
            self._batches.append(_resident(batch))
            for row, sample in enumerate(batch["sample"].to_numpy().tolist()):
                known = self._places.setdefault(sample, {})
                known.pop(key, None)  # the latest stands last
                known[key] = (number, row)

    @property
    def batches(self) -> int:
        """How many batches were taken in."""
        return len(self._batches)

    @property
    def samples(self) -> list[int]:
        """The samples that have a student."""
        return list(self._places)

    def settings(self, sample: int) -> dict[str, dict[str, Any]]:
        """Settings by key of a sample's students, the latest first."""
        known = self._places.get(sample, {})
        return {key: dict(self._batches[known[key][0]].attrs["settings"]) for key in reversed(known)}

    def get(self, sample: int, settings_key: str | None = None) -> Student | None:
        """A sample's student: with these settings, or the latest; None where there is none."""
        known = self._places.get(sample, {})
        key = settings_key if settings_key in known else next(reversed(known), None)
        if key is None:
            return None
        batch, row = known[key]
        return student_at(self._batches[batch], row)


_TABLES: WeakKeyDictionary[Run, StudentTable] = WeakKeyDictionary()
_LOCK = Lock()


def students(run: Run) -> StudentTable:
    """The process-wide table of a run, up to its last commit."""
    with _LOCK:
        table = _TABLES.setdefault(run, StudentTable())
        table.extend(stage.open() for stage in run.batches("students")[table.batches :])
        return table
