"""The runs of a store: the tail of each journal is enough, for every line carries the run's summary."""

import os
import uuid
from pathlib import Path
from typing import Any, NamedTuple

from deepvid.errors import DeepVIDError, StoreError
from deepvid.store.disk import remove
from deepvid.store.journal import Commit, decode
from deepvid.store.lock import RunLock
from deepvid.store.status import State, listed_state

TAIL = 8192  # bytes; twice the longest line of a usual run


class RunListing(NamedTuple):
    """One row of a listing. `error` says why a run cannot be read; its summary is empty then."""

    id: str
    path: Path
    time: str  # of the last commit; ISO 8601, UTC
    state: State
    summary: dict[str, Any]
    error: str | None = None


def list_runs(store: str | Path) -> list[RunListing]:
    """Every run of a store, the one written to last first; none where there is no store."""
    try:
        with os.scandir(store) as entries:
            paths = [Path(entry.path) for entry in entries if not entry.name.startswith(".")]
    except FileNotFoundError:
        return []
    found = [listing for path in paths if (listing := _listing(path)) is not None]
    return sorted(found, key=lambda run: (run.time, run.id), reverse=True)


def find_run(store: str | Path, prefix: str) -> Path:
    """The directory of the one run whose id begins with `prefix`; a whole id always wins.

    Raises StoreError where none or several do.
    """
    ids = sorted(run.id for run in list_runs(store))
    found = [prefix] if prefix in ids else [each for each in ids if each.startswith(prefix)]
    if len(found) == 1:
        return Path(store) / found[0]
    raise StoreError(
        f"{prefix!r} begins the id of one run in {store}",
        f"{', '.join(found[:5])}" if found else f"none; there are {', '.join(ids[:5]) or 'no runs'}",
        "Type more of the id" if found else "List the runs: deepvid list",
    )


def remove_run(path: str | Path) -> None:
    """Removes a run for good. Raises LockedError where somebody writes to it, StoreError where none is."""
    path = Path(path)
    if not (path / "journal.jsonl").is_file():
        raise StoreError(
            "Only a run is removed", f"no journal.jsonl in {path}", "List the runs: deepvid list"
        )
    lock = RunLock(path)
    try:
        hidden = path.rename(path.with_name(f".removed-{uuid.uuid4().hex}"))
    finally:
        lock.release()
    for gone in [hidden, *path.parent.glob(".removed-*")]:
        remove(gone)


def _listing(path: Path) -> RunListing | None:
    """None for what is no run, or not one yet."""
    try:
        last = _last_commit(path / "journal.jsonl")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except DeepVIDError as error:
        return RunListing(path.name, path, "", "failed", {}, str(error))
    if last is None:
        return None
    return RunListing(path.name, path, last.time, listed_state(path, last.summary), last.summary)


def _last_commit(path: Path) -> Commit | None:
    """Reads the last 8 kB, more only where the last line is longer."""
    with path.open("rb", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        tail = TAIL
        while True:
            file.seek(max(0, size - tail))
            lines = file.read(tail).split(b"\n")
            if len(lines) >= 3 or tail >= size:
                break
            tail *= 4
    return decode(lines[-2], path) if len(lines) >= 2 else None
