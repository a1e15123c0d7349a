"""The students of a run, joined from their batches by sample and settings."""

import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from deepvid.caching import newest_per_owner, once_per_owner
from deepvid.errors import DeepVIDError, StoreError
from deepvid.fields import STUDENTS
from deepvid.store import Run, Stage, kept_students


@dataclass(frozen=True, eq=False)
class Student:
    """One student: every variable that `deepvid.fields.STUDENTS` declares is an attribute of its name.

    Dimensions are the declared ones but `student`, so what has no other is a scalar; fits differ in
    smoothness only. Half floats are widened. What only a fit needs (`FOR_FITS`) is not read.
    """

    settings: dict[str, Any]
    settings_key: str
    values: Mapping[str, Any]

    def __getattr__(self, name: str) -> Any:
        if name not in STUDENTS:
            raise AttributeError(name)
        return self.values[name]

    @property
    def rows(self) -> np.ndarray:
        """int (class,): the row of `row_weights` that each class has; of many, most share one."""
        row: np.ndarray | None = self.values.get("row")
        return np.arange(self.intercept.shape[1]) if row is None else row

    @property
    def row_weights(self) -> np.ndarray:
        """f32 (fit, row, y, x, channel)."""
        shared: np.ndarray | None = self.values.get("shared_weights")
        return np.asarray(self.weights if shared is None else shared)

    def margin_weights(self, fit: int, first: int, second: int) -> np.ndarray:
        """f32 (y, x, channel): of the logit of class `first` less that of class `second`."""
        rows, weights = self.rows, self.row_weights[fit]
        return np.asarray(weights[rows[first]] - weights[rows[second]])

    @property
    def contrast(self) -> tuple[int, int]:
        """Predicted and true class; predicted and runner-up where they are equal."""
        first, second = (int(index) for index in self.values["contrast"])
        return first, second

    @property
    def gradient(self) -> np.ndarray | None:
        """f32 (y, x, channel): of logit contrast[0] less logit contrast[1]; None where none was computed."""
        gradient: np.ndarray | None = self.values.get("neighborhood_gradient")
        if gradient is None or not np.isfinite(gradient).all() or not gradient.any():
            return None
        return gradient

    @property
    def occlusion(self) -> np.ndarray | None:
        """f32 (y, x): part of contrast[0] less contrast[1] that each patch takes; None: it has gradients."""
        return self.values.get("occlusion")


class _Values(dict[str, Any]):
    """The variables of one student. Raises StoreError for one that its batch does not have."""

    def __missing__(self, name: str) -> Any:
        raise StoreError(
            f"Showing a student needs its {name}",
            f"{', '.join(self)} in its batch",
            "Open a run that has it, or run its experiment anew in another store",
        )


def student_at(batch: xr.Dataset, row: int) -> Student:
    """Reads one student out of a batch."""
    one = batch.drop_vars(FOR_FITS, errors="ignore").isel(student=row).load()
    values = _Values({name: _widened(one[name].to_numpy()) for name in STUDENTS if name in one})
    return Student(dict(batch.attrs["settings"]), str(batch.attrs["settings_key"]), values)


def _widened(value: np.ndarray) -> Any:
    return value.astype(np.float32)[()] if value.dtype == np.float16 else value[()]


FOR_FITS = ("labels", "jacobian")
"""Variables that a student is fitted to again without its teacher, and that no page shows."""

LARGE = tuple(name for name, field in STUDENTS.items() if "x" in field.dims or name in FOR_FITS)

RESIDENT = 64  # batches whose small variables are kept in memory
_READERS = ThreadPoolExecutor(8, thread_name_prefix="deepvid-students")


def in_memory(batch: xr.Dataset, names: Iterable[str]) -> xr.Dataset:
    """The batch with these variables of it in memory: opening a small one costs more than reading it.

    They are read side by side, for behind a URL each is a request. One that cannot be read stays where it is,
    and says why to whoever reads a student of this batch.
    """
    wanted = [name for name in names if name in batch.variables]
    here = batch[wanted]
    list(_READERS.map(_load, here.variables.values()))
    return here.assign({name: batch[name] for name in batch.data_vars if name not in here})


def _load(variable: xr.Variable) -> None:
    with suppress(DeepVIDError):
        variable.load()


class _Batch(NamedTuple):
    key: str  # of its settings
    samples: np.ndarray  # int32
    open: Callable[[], xr.Dataset]


def _held(batch: xr.Dataset) -> _Batch:
    return _Batch(str(batch.attrs["settings_key"]), batch["sample"].to_numpy(), lambda: batch)


class _Places(NamedTuple):
    """Where students are, by sample; of one sample the latest last. Each is int32 (student,)."""

    sample: np.ndarray
    batch: np.ndarray
    row: np.ndarray


class StudentTable:
    """Where each student of a run is; it grows with the run. A batch is opened when it is asked for."""

    def __init__(self) -> None:
        self._batches: list[_Batch] = []
        self._read: set[str] = set()  # names of batches
        self._unread: list[DeepVIDError] = []  # of batches of which nobody knows what is in them
        self._resident = lru_cache(maxsize=RESIDENT)(self._with_facts)

    def __len__(self) -> int:
        """Number of batches."""
        return len(self._batches)

    def grow(self, stages: Iterable[Stage]) -> None:
        """Takes in what it does not know yet of a run's batches; one that cannot be read hides no other."""
        self._unread = []
        for stage in stages:
            if stage.name not in self._read:
                try:
                    samples = np.array(stage.samples, np.int32)
                except DeepVIDError as error:
                    self._unread.append(error)
                else:
                    key = stage.name.partition("/")[2].rpartition("-")[0]
                    self._batches.append(_Batch(key, samples, stage.open_batch))
                    self._read.add(stage.name)

    def extend(self, batches: Iterable[xr.Dataset]) -> None:
        """Takes in further batches; a later student replaces one of equal sample and settings."""
        self._batches += map(_held, batches)

    def having(self, batch: xr.Dataset) -> "StudentTable":
        """Another table, with this batch too."""
        table = StudentTable()
        table._batches = [*self._batches]
        table.extend([batch])
        return table

    def open(self, number: int) -> xr.Dataset:
        """The batch of this number. Raises DeepVIDError where it cannot be read."""
        return self._batches[number].open()

    @property
    def settings_keys(self) -> set[str]:
        """Those of all its students."""
        return {batch.key for batch in self._batches}

    def keys(self, sample: int) -> list[str]:
        """Settings keys of a sample's students, the latest first."""
        return list(reversed(self._places(sample)))

    def settings(self, sample: int) -> dict[str, dict[str, Any]]:
        """Settings by key of a sample's students, the latest first; of those that can be read."""
        known = self._places(sample)
        found: dict[str, dict[str, Any]] = {}
        for key in reversed(known):
            with suppress(DeepVIDError):
                found[key] = dict(self._resident(known[key][0]).attrs["settings"])
        return found

    def get(self, sample: int, settings_key: str | None = None) -> Student | None:
        """A sample's student: with these settings, or the latest; None where there is none.

        Raises DeepVIDError where it cannot be read, and where it may be in a batch that cannot.
        """
        known = self._places(sample)
        key = settings_key if settings_key in known else next(reversed(known), None)
        if key is None:
            for error in self._unread:
                raise error
            return None
        return self._whole(known[key])

    def _places(self, sample: int) -> dict[str, tuple[int, int]]:
        """By settings key the batch and the row, the latest last."""
        all_, known = self._places_of(len(self._batches)), dict[str, tuple[int, int]]()
        begin, end = np.searchsorted(all_.sample, (sample, sample + 1))
        for number, row in zip(all_.batch[begin:end].tolist(), all_.row[begin:end].tolist(), strict=True):
            key = self._batches[number].key
            known.pop(key, None)
            known[key] = (number, row)
        return known

    @newest_per_owner
    def _places_of(self, count: int) -> _Places:
        """Of so many batches."""
        samples = [batch.samples for batch in self._batches[:count]]
        sizes = [len(of) for of in samples]
        sample = np.concatenate([np.zeros(0, np.int32), *samples])
        order = np.argsort(sample, kind="stable")
        batch = np.repeat(np.arange(count, dtype=np.int32), sizes)
        row = np.concatenate([np.zeros(0, np.int32), *(np.arange(size, dtype=np.int32) for size in sizes)])
        return _Places(sample[order], batch[order], row[order])

    def _with_facts(self, number: int) -> xr.Dataset:
        batch = self.open(number)
        return in_memory(batch, [str(name) for name in batch.variables if name not in LARGE])

    @newest_per_owner
    def _whole(self, place: tuple[int, int]) -> Student:
        """The one that is looked at, with its pictures: several cards ask for it at once."""
        batch, row = place
        return student_at(self._resident(batch), row)

    def facts(self, sample: int, settings_key: str | None = None) -> Student | None:
        """As `get` chooses, without its pictures, which are not read; None where there is none."""
        known = self._places(sample)
        if not known:
            return None
        batch, row = known[settings_key if settings_key in known else next(reversed(known))]
        return student_at(self._resident(batch).drop_vars(LARGE, errors="ignore"), row)


class PageStudents(NamedTuple):
    """The students that a page knows: the run's own come first."""

    run: StudentTable
    added: tuple[StudentTable, ...]  # that people asked for: kept in the run's notes, and of this session

    def settings(self, sample: int) -> dict[str, dict[str, Any]]:
        """Settings by key of a sample's students, the run's first and of each the latest."""
        tables = (self.run, *self.added)
        return {key: use for table in tables for key, use in table.settings(sample).items()}

    def of_run(self, sample: int, student: Student) -> bool:
        """Whether the run itself has this student."""
        return student.settings_key in self.run.keys(sample)

    def get(self, sample: int, settings_key: str) -> Student | None:
        """The student with these settings; without one the run's latest, or the latest that was added."""
        return self._table(sample, settings_key).get(sample, settings_key)

    def facts(self, sample: int, settings_key: str) -> Student | None:
        """The same without its pictures, which are not read."""
        return self._table(sample, settings_key).facts(sample, settings_key)

    def _table(self, sample: int, settings_key: str) -> StudentTable:
        tables = (self.run, *self.added)
        exact = (table for table in tables if settings_key in table.keys(sample))
        some = (table for table in tables if table.keys(sample))
        return next(exact, None) or next(some, self.run)


def students(run: Run) -> StudentTable:
    """The process-wide table of a run, up to its last commit."""
    table = _table(run, "stages")
    with _LOCK:
        table.grow(run.batches("students"))
    return table


@once_per_owner
def _table(run: Run, origin: str) -> StudentTable:
    return StudentTable()


_LOCK = Lock()  # of tables that grow


def settings_keys(run: Run, fitted: StudentTable) -> set[str]:
    """Those of all students that are known, told by the names of their batches. Raises as `kept_students`."""
    named = (batch.name.partition("/")[2] for batch in (*run.batches("students"), *kept_students(run)))
    return {*(name.rpartition("-")[0] for name in named), *fitted.settings_keys}


def known_students(run: Run, fitted: StudentTable) -> PageStudents:
    """All students of a run, with those of its notes and those `fitted` by one session.

    Notes that cannot be read have none, and the log says why: the run's own students are shown.
    """
    own, kept = students(run), _table(run, "notes")
    with _LOCK:
        try:
            kept.grow(kept_students(run))
        except DeepVIDError as error:
            logging.getLogger(__name__).warning("Students in the notes of %s are left out: %s", run.id, error)
    return PageStudents(own, (kept, fitted))
