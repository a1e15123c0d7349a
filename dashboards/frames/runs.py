"""The runs of a store: one reader a run for the whole process, rows of a table, and what is known of one."""

import shlex
from collections.abc import Iterable, Mapping
from datetime import datetime
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


def run_details(run: Run) -> list[dict[str, Any]]:
    """What is known of a run, in sections {title, rows [[name, value]]} that a person reads."""
    sections = [
        {"title": "Results", "rows": _results(run)},
        {"title": "Stages", "rows": _stages(run)},
        {"title": "Settings", "rows": [[path, _text(value)] for path, value in _flat(run.config)]},
        {"title": "Made with", "rows": _origin(run.provenance)},
        {
            "title": "Packages",
            "rows": sorted([*pair] for pair in run.provenance.get("packages", {}).items()),
        },
    ]
    return [section for section in sections if section["rows"]]


def _results(run: Run) -> list[list[str]]:
    metrics = run.summary.get("metrics", {})
    epochs = run.summary.get("epochs", {})
    rows = [[name.replace("_", " "), _number(value)] for name, value in metrics.items()]
    return rows + [[f"epochs of {name}", str(count)] for name, count in epochs.items()]


def _stages(run: Run) -> list[list[str]]:
    """When each stage was committed; the batches of one family make one row, dated by the last."""
    families: dict[str, list[str]] = {}
    for stage in run.stages.values():
        families.setdefault(stage.family, []).append(_moment(stage.time))
    return [
        [family, times[-1] if len(times) == 1 else f"{max(times)} ({len(times)} batches)"]
        for family, times in families.items()
    ]


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def _origin(provenance: Mapping[str, Any]) -> list[list[str]]:
    git, cpu = provenance.get("git"), provenance.get("cpu", {})
    rows = [
        ["command", shlex.join(map(str, provenance.get("argv", [])))],
        ["seeds", _text(provenance.get("seeds"))],
        ["commit", f"{git['commit'][:12]}{', with changes' if git['dirty'] else ''}" if git else ""],
        ["python", str(provenance.get("python", "")).split(" (")[0]],
        ["system", str(provenance.get("os", ""))],
        ["processor", f"{cpu.get('model', '')}, {cpu.get('cores', '?')} cores" if cpu else ""],
        ["devices", ", ".join(provenance.get("devices", []))],
        *([name, str(value)] for name, value in provenance.get("environment", {}).items()),
        *([f"sha256 of {name}", value[:16] + "…"] for name, value in provenance.get("checksums", {}).items()),
    ]
    return [row for row in rows if row[1]]


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
            for index, item in enumerate(value):
                yield from _flat(item, f"{prefix}{name}.{index}.")
        elif value is not None:
            yield f"{prefix}{name}", value


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {item}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _moment(time: str) -> str:
    try:
        return datetime.fromisoformat(time).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return time
