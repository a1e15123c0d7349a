"""Notes that people add to a run from a dashboard: a second small journal with a lock of its own.

It lies in the run's folder as `notes/`, by the protocol of the run itself, so that a dashboard can write
while the pipeline does. No stage depends on it, and an archive leaves it out.
"""

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import xarray as xr

from deepvid.caching import once_per_owner
from deepvid.errors import LockedError, StoreError
from deepvid.store.format.disk import os_error_text, remedy
from deepvid.store.format.journal import Commit, LocalJournal
from deepvid.store.format.schema import VERSION
from deepvid.store.reading.groups import Stage
from deepvid.store.reading.location import Folder
from deepvid.store.reading.reader import Run
from deepvid.store.writing.commit import Committer, make_groups
from deepvid.store.writing.lock import RunLock
from deepvid.store.writing.writer import RunWriter, writer_of

FOLDER, FILE = "notes", "notes.jsonl"
SELECTION, NAMED_SELECTION, MAP, MARK = "selection", "named", "map", "mark"
PATIENCE, PAUSE = 40, 0.05  # attempts and seconds: another page writes one line


class Mark(NamedTuple):
    """A person's judgment of an image's label."""

    time: str  # ISO 8601, UTC
    remark: str
    label: int | None  # the class that it should have; None: nobody said
    right: bool = False  # the image has that class: a person doubted the label, and found it right


def keep_selection(run: Run, steps: list[Any]) -> str:
    """Keeps the gestures of a selection, once, and returns the name that `kept_selection` finds them by.

    Waits up to two seconds for who writes notes now. Raises LockedError for who goes on writing, StoreError
    where the run is only read.
    """
    name = selection_name(steps)
    if kept_selection(run, name) is None:
        with _writing(run) as writer:
            writer.note(SELECTION, name, {"steps": steps})
    return name


def selection_name(steps: list[Any]) -> str:
    """The name that `keep_selection` gives these gestures."""
    return _short(json.dumps(steps, separators=(",", ":"), sort_keys=True))


def kept_selection(run: Run, name: str) -> list[Any] | None:
    """The gestures of a selection that was kept; None where none of that name was.

    Raises DamagedError where the notes do not verify, StoreError where they cannot be read.
    """
    kept = (line for line in _lines(run) if line.kind == SELECTION and line.name == name)
    return next((list(line.details["steps"]) for line in kept), None)


class KeptSelection(NamedTuple):
    """A selection that has a name."""

    steps: list[Any]  # gestures
    split: str  # of the images that it is made among: test or training


def keep_named(run: Run, name: str, steps: list[Any], split: str = "test") -> None:
    """Keeps the gestures of a selection among such images under a name, in the place of what had it.

    Raises as `keep_selection` does.
    """
    with _writing(run) as writer:
        writer.note(NAMED_SELECTION, _short(name), {"name": name, "steps": steps, "split": split})


def drop_named(run: Run, name: str) -> None:
    """Keeps that a name is no selection's any more. Raises as `keep_selection` does."""
    with _writing(run) as writer:
        writer.note(NAMED_SELECTION, _short(name), {"name": name, "dropped": True})


def kept_named(run: Run) -> Mapping[str, KeptSelection]:
    """The selections that have a name, the latest last. Raises as `kept_selection` does."""
    named: dict[str, KeptSelection] = {}
    for line in _lines(run):
        name, steps = line.details.get("name"), line.details.get("steps")
        if line.kind == NAMED_SELECTION and isinstance(name, str):
            named.pop(name, None)
            if not line.details.get("dropped") and isinstance(steps, list):
                named[name] = KeptSelection(steps, str(line.details.get("split", "test")))
    return named


def keep_map(run: Run, name: str, query: str) -> None:
    """Keeps what a link says of a map under a name, in the place of what had it.

    Raises as `keep_selection` does.
    """
    with _writing(run) as writer:
        writer.note(MAP, _short(name), {"name": name, "query": query})


def drop_map(run: Run, name: str) -> None:
    """Keeps that a name is no map's any more. Raises as `keep_selection` does."""
    with _writing(run) as writer:
        writer.note(MAP, _short(name), {"name": name, "dropped": True})


def kept_maps(run: Run) -> Mapping[str, str]:
    """The maps that have a name, as links say them, the latest last. Raises as `kept_selection` does."""
    maps: dict[str, str] = {}
    for line in _lines(run):
        name, query = line.details.get("name"), line.details.get("query")
        if line.kind == MAP and isinstance(name, str):
            maps.pop(name, None)
            if not line.details.get("dropped") and isinstance(query, str):
                maps[name] = query
    return maps


def keep_mark(run: Run, sample: int, remark: str = "", label: int | None = None) -> None:
    """Keeps that a sample's label is wrong; said again, the last remark and class hold.

    Raises as `keep_selection` does.
    """
    keep_marks(run, {sample: Mark("", remark, label)})


def drop_mark(run: Run, sample: int) -> None:
    """Takes the mark of a sample back. Raises as `keep_selection` does."""
    keep_marks(run, {sample: None})


def keep_marks(run: Run, said: Mapping[int, Mark | None]) -> None:
    """Keeps several marks in one go, of now; None: that sample's is taken back.

    To readers that know nothing of labels that are right, such a mark is taken back. Raises as
    `keep_selection` does.
    """
    with _writing(run) as writer:
        for sample, mark in said.items():
            told = {} if mark is None else {"remark": mark.remark, "label": mark.label}
            dropped = {"dropped": True} if mark is None or mark.right else {}
            writer.note(MARK, str(sample), told | dropped)


def kept_marks(run: Run) -> Mapping[int, Mark]:
    """The marks that hold, by sample, the latest last. Raises as `kept_selection` does."""
    marks: dict[int, Mark] = {}
    for line in _lines(run):
        if line.kind == MARK and line.name.isdecimal():
            marks.pop(int(line.name), None)
            right, label = bool(line.details.get("dropped")), line.details.get("label")
            label = label if isinstance(label, int) else None
            if not right or label is not None:
                remark = line.details.get("remark")
                remark = remark if isinstance(remark, str) else ""
                marks[int(line.name)] = Mark(line.time, remark, label, right)
    return marks


def keep_student(run: Run, batch: xr.Dataset) -> None:
    """Keeps a students batch of one, once for its sample and settings. Raises as `keep_selection` does."""
    key = str(batch.attrs["settings_key"])
    name = f"students/{key}-{int(batch['sample'].item())}"
    with _writing(run) as writer:
        if name not in writer.run.stages:
            make_groups(writer.run.path)
            writer.commit_stage(name, key, batch)


def kept_students(run: Run) -> list[Stage]:
    """The students that were kept, in the order of their commits. Raises as `kept_selection` does."""
    notes = _read(run)
    return [] if notes is None else notes.batches("students")


@dataclass(frozen=True)
class Notes(Folder):
    """The notes in a run's folder, as a run that is read and written like any other."""

    @property
    def name(self) -> str:
        return FOLDER

    def journal(self) -> LocalJournal:
        return LocalJournal(self.folder / FILE)


def _short(text: str) -> str:
    """A name that every file system can have, for any text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _lines(run: Run) -> tuple[Commit, ...]:
    notes = _read(run)
    return () if notes is None else notes.commits


def _read(run: Run) -> Run | None:
    """Its notes up to their last line; one look costs one `stat`. None where nothing was kept."""
    folder = run.location.folder
    if folder is None:
        return None
    try:
        notes = _opened(run)
        notes.poll()
        return notes
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StoreError(
            "Notes are read from the folder of their run",
            os_error_text(error, folder / FOLDER / FILE),
            remedy(error, "remove the notes"),
        ) from error


@once_per_owner
def _opened(run: Run) -> Run:
    return Run(Notes(run.path / FOLDER))


@contextmanager
def _writing(run: Run) -> Iterator[RunWriter]:
    folder = run.path / FOLDER
    try:
        folder.mkdir(exist_ok=True)
        with writer_of(Notes(folder), _lock(folder), _begin) as writer:
            yield writer
    except OSError as error:
        raise StoreError(
            "Notes are written into the folder of their run",
            os_error_text(error, folder),
            remedy(error, "keep it elsewhere"),
        ) from error


def _begin(committer: Committer) -> None:
    if not committer.run.commits:
        begun = {"version": VERSION, "config": {}, "provenance": {}}
        committer.line("created", FOLDER, details=begun)


def _lock(folder: Path) -> RunLock:
    for _ in range(PATIENCE):
        try:
            return RunLock(folder)
        except LockedError:
            time.sleep(PAUSE)
    return RunLock(folder)
