"""What a person adds to a run from a dashboard: a second small journal with a lock of its own.

It lies in the run's folder as `notes/notes.jsonl`, so that a dashboard can write while the pipeline does. No
stage depends on it, and an archive leaves it out.
"""

import hashlib
import json
import time
from pathlib import Path
from typing import Any

from deepvid.errors import LockedError, StoreError
from deepvid.store.format.journal import Journal, JournalWriter
from deepvid.store.format.refusals import found, remedy
from deepvid.store.format.schema import VERSION
from deepvid.store.reading.reader import Run
from deepvid.store.writing.lock import RunLock

FOLDER, FILE, SELECTION = "notes", "notes.jsonl", "selection"
PATIENCE, PAUSE = 40, 0.05  # attempts and seconds: another page writes one line
_EMPTY = {"state": "running", "bytes": 0, "stages": {}, "epochs": {}, "metrics": {}}


def keep_selection(run: Run, steps: list[Any]) -> str:
    """Keeps the gestures of a selection, once, and returns the name that `kept_selection` finds them by.

    Raises StoreError where the run is only read, LockedError where another goes on writing notes.
    """
    text = json.dumps(steps, separators=(",", ":"), sort_keys=True)
    name = hashlib.sha256(text.encode()).hexdigest()[:12]
    if kept_selection(run, name) is None:
        _append(run.path / FOLDER, name, {"steps": steps})
    return name


def kept_selection(run: Run, name: str) -> list[Any] | None:
    """The gestures of a selection that was kept; None where none of that name was.

    Raises DamagedError where the notes do not verify, StoreError where they cannot be read.
    """
    folder = run.location.folder
    if folder is None:
        return None
    journal = Journal(folder / FOLDER / FILE)
    try:
        journal.poll()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StoreError(
            "Notes are read from the folder of their run",
            found(error, journal.path),
            remedy(error, "remove the notes"),
        ) from error
    kept = (line for line in journal.commits if line.kind == SELECTION and line.name == name)
    return next((list(line.details["steps"]) for line in kept), None)


def _append(folder: Path, name: str, details: dict[str, Any]) -> None:
    try:
        folder.mkdir(exist_ok=True)
        lock = _lock(folder)
        try:
            writer = JournalWriter(Journal(folder / FILE), lock.require)
            try:
                writer.journal.poll()
                if writer.journal.path.stat().st_size > writer.journal.size:
                    writer.cut()
                if not writer.journal.commits:
                    begun = {"version": VERSION, "config": {}, "provenance": {}}
                    writer.append(_line("created", FOLDER, begun))
                writer.append(_line(SELECTION, name, details))
            finally:
                writer.close()
        finally:
            lock.release()
    except OSError as error:
        raise StoreError(
            "Notes are written into the folder of their run",
            found(error, folder),
            remedy(error, "keep the selection by another way"),
        ) from error


def _lock(folder: Path) -> RunLock:
    for _ in range(PATIENCE):
        try:
            return RunLock(folder)
        except LockedError:
            time.sleep(PAUSE)
    return RunLock(folder)


def _line(kind: str, name: str, details: dict[str, Any]) -> dict[str, Any]:
    texts = {"kind": kind, "name": name, "key": "", "path": "", "digest": ""}
    return {**texts, "metrics": {}, "details": details, "summary": _EMPTY}
