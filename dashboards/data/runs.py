"""The runs of a store: one reader a run for the whole process, a session's list, and rows of a table."""

import time
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import TypedDict

from deepvid.store import Address, Run, RunListing, choose, is_url, list_runs, open_run

_READERS: dict[Address, Run] = {}
_LOCK = Lock()

COLUMNS = [
    ["id", "Run", "text"],
    ["state", "State", "text"],
    ["source", "Images", "text"],
    ["accuracy", "Test accuracy", "percent"],
    ["calibration", "Calibration error", "percent"],
    ["students", "Students", "count"],
    ["bytes", "Size", "size"],
    ["created", "Created", "time"],
    ["time", "Last commit", "time"],
]
"""[field of a `RunRow`, heading, how its values are shown]."""


class RunRow(TypedDict):
    """One run of the table; what is not known is None."""

    id: str
    state: str  # or `unreadable`
    source: str | None  # of the images
    accuracy: float | None  # 0 to 1, as the next one
    calibration: float | None
    students: int | None
    bytes: int | None
    created: str | None  # ISO 8601
    time: str | None  # of the last commit, ISO 8601


def reader(address: Address) -> Run:
    """The process-wide reader of a run; sessions share what it has parsed."""
    with _LOCK:
        if address not in _READERS:
            _READERS[address] = open_run(address)
        return _READERS[address]


def forget(address: Address) -> None:
    """Lets go of the reader of a run that is no more."""
    with _LOCK:
        _READERS.pop(address, None)


def run_choices(runs: Iterable[RunListing], shown: str = "") -> list[list[str]]:
    """[id, text] of each run that can be read, for a menu, and of the one that is shown."""
    return [[run.id, run.id] for run in runs if run.error is None or run.id == shown]


def run_rows(runs: Iterable[RunListing]) -> list[RunRow]:
    """One row a run for the table of `COLUMNS`."""
    return [_row(run) for run in runs]


def _row(run: RunListing) -> RunRow:
    metrics = run.summary.get("metrics", {})
    return {
        "id": run.id,
        "state": "unreadable" if run.error else run.state,
        "source": run.summary.get("source"),
        "accuracy": metrics.get("test_accuracy"),
        "calibration": metrics.get("calibration_error"),
        "students": metrics.get("students"),
        "bytes": run.summary.get("bytes"),
        "created": run.summary.get("created"),
        "time": run.time or None,
    }


RESTING = 2_000_000_000  # ns since the last change of a store after which its runs are listed for good


class RunCatalog:
    """The runs of one store as one session knows them, the latest first."""

    def __init__(self, store: Address) -> None:
        self.store = store
        self.runs: list[RunListing] = []
        self._modified: int | None = None  # when the store last was, as of the last look

    def look(self) -> list[RunListing]:
        """Lists the runs. Raises StoreError for a URL that cannot be read."""
        modified = _modified(self.store)
        resting = modified is None or abs(time.time_ns() - modified) > RESTING
        self._modified = modified if resting else 0  # a run's folder is there before its journal: look again
        self.runs = list_runs(self.store)
        return self.runs

    @property
    def changed(self) -> bool:
        """Whether a run was added or taken away since the last look, as far as a `stat` tells."""
        return self._modified != _modified(self.store)

    @property
    def newest(self) -> str:
        """The id of the latest run that can be read; empty where there is none."""
        return next((run.id for run in self.runs if run.error is None), "")

    def find(self, prefix: str) -> RunListing:
        """The one run whose id begins so. Raises StoreError where none does, or several."""
        return choose(self.runs, prefix, self.store)


def _modified(store: Address) -> int | None:
    """When a run was last added to a store on this machine or taken away; else None."""
    try:
        return None if is_url(store) else Path(store).stat().st_mtime_ns
    except OSError:
        return None
