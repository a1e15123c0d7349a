"""What deleting a run takes away, so that a person can decide."""

from collections.abc import Mapping
from typing import Any

from deepvid import wording
from deepvid.store import RunListing


def loss(run: RunListing) -> list[list[str]]:
    """[name, value] rows: what will be gone."""
    summary = run.summary
    if run.error is not None:
        return [["run", run.id], ["contents", "not readable: its journal is damaged"]]
    stages = list(summary.get("stages", {}))
    students = summary.get("metrics", {}).get("students")
    rows = [
        ["run", run.id],
        ["made", wording.moment(summary.get("created", ""))],
        ["last written", wording.moment(run.time)],
        ["size", wording.size(summary.get("bytes", 0))],
        ["stages", wording.enumeration(stages) or "none yet"],
        ["students", f"{students:,}" if students else ""],
        ["computing", _seconds(summary)],
        ["an archive", "Whether one exists is not known here; a downloaded one stays where it is."],
    ]
    return [row for row in rows if row[1]]


def _seconds(summary: Mapping[str, Any]) -> str:
    seconds = sum(stage.get("seconds", 0.0) for stage in summary.get("stages", {}).values())
    return f"{wording.duration(seconds)} of work, to be done again" if seconds else ""
