"""The runs of a store: one reader a run for the whole process, and the rows of a table."""

from collections.abc import Iterable
from threading import Lock
from typing import TypedDict

from deepvid.store import Address, Run, RunListing, open_run

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
