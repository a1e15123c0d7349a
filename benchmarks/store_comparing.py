"""Cost of comparing every file with the journal as it is read; part of `store.py`."""

from collections.abc import Callable, Iterator
from statistics import median

import xarray as xr
from records import Baseline, Record, at_most, lower_is_better, seconds_of
from zarr.storage import StorePath

from deepvid.store import Run
from deepvid.store.format.group_form import Group
from deepvid.store.format.layout import open_group
from deepvid.store.reading.files import FolderFiles, GroupStore


class Trusting(GroupStore):
    """The same reader, which takes documents as they are, and so knows of no file what it should be."""

    def _document(self, key: str) -> bytes:
        if key not in self._metadata:
            self._metadata[key] = bytes(self._bytes(key))
        return self._metadata[key]


def comparisons(run: Run, repeats: int) -> Iterator[Record]:
    """Groups are opened anew each time, as a process of its own does; both readers take turns."""
    series, batch = run.series("teacher"), run.stages["students/0-0"]
    assert series is not None
    epochs = Group(series.group, series.files, series.arrays)
    students = Group(batch.group, batch.files)
    yield _compared("open, and read an epoch (18 MB)", run, epochs, repeats, _last_epoch)
    yield _compared("open, and read a batch of students (16 MB)", run, students, repeats, _all_students)
    yield _compared("open, and read one student", run, students, 10 * repeats, _one_student)


def _last_epoch(group: xr.Dataset) -> object:
    return group["test_features"].isel(epoch=-1).values


def _all_students(group: xr.Dataset) -> object:
    return group["weights"].values


def _one_student(group: xr.Dataset) -> object:
    return group["weights"].isel(student=317).values


def _compared(
    name: str, run: Run, group: Group, repeats: int, read: Callable[[xr.Dataset], object]
) -> Record:
    def reading(store: type[GroupStore]) -> Callable[[], object]:
        return lambda: read(open_group(StorePath(store(FolderFiles(run.path), group), group.path)))

    readers = reading(GroupStore), reading(Trusting)
    turns = [[seconds_of(reader) for reader in readers] for _ in range(repeats)]
    ours, trusting = (1e3 * median(times) for times in zip(*turns, strict=True))
    baseline = Baseline("the same reader without comparing", trusting)
    return lower_is_better(name, ours, "ms", baseline, budget=at_most(1.05))
