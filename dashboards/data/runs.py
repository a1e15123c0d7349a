"""The runs of a store: one reader a run for the whole process, and the rows of a table."""

from collections.abc import Iterable
from threading import Lock
from typing import Any

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
"""[field, heading, how its values are shown]."""


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


def run_choices(runs: Iterable[RunListing]) -> list[list[str]]:
    """[id, text] of each run that can be read, for a menu."""
    return [[run.id, run.id] for run in runs if run.error is None]


def run_rows(runs: Iterable[RunListing]) -> list[dict[str, Any]]:
    """One row a run for the table of `COLUMNS`; what is not known is None."""
    return [_row(run) for run in runs]


def _row(run: RunListing) -> dict[str, Any]:
    metrics = run.summary.get("metrics", {})
    return {
        "id": run.id,
        "state": "unreadable" if run.error else run.state,
        "error": run.error,
        "source": run.summary.get("source"),
        "accuracy": metrics.get("test_accuracy"),
        "calibration": metrics.get("calibration_error"),
        "students": metrics.get("students"),
        "bytes": run.summary.get("bytes"),
        "created": run.summary.get("created"),
        "time": run.time or None,
    }
