"""State of a run now: a convenience beside the journal, lost without harm."""

import json
from pathlib import Path
from typing import Any, Literal, NamedTuple

from deepvid.store.format import forms, owner
from deepvid.store.format.disk import read_regular
from deepvid.store.format.forms import fits
from deepvid.store.format.journal import Commit

REPORT = "status.json"
"""The last report of a run's writer, in its folder."""

State = Literal["running", "finished", "failed", "interrupted", "stopped", "empty"]
"""A run is `stopped` where it ended after a stage because it was asked to, else `interrupted`."""


class Status(NamedTuple):
    """`done` of `total` units of `stage`; `remaining` in seconds; `error` is must, found and action."""

    state: State
    stage: str = ""
    done: float = 0.0
    total: float = 0.0
    message: str = ""
    remaining: float | None = None
    error: tuple[str, str, str] | None = None
    updated: str = ""  # ISO 8601, UTC


def read_status(run: Path | None, commits: tuple[Commit, ...]) -> Status:
    """Status by the journal, the owner and the last report together; the journal alone without a folder."""
    if not commits:
        return Status("empty")
    last, live = commits[-1], _last_report(run) if run else {}
    state = state_after(run, last)
    stage, error = live.get("stage", ""), None
    if state == "failed":
        stage, error = last.name, last.details["error"]
        error = (error["must"], error["found"], error["action"])
    if state in ("finished", "failed"):
        return Status(state, stage=stage, error=error, updated=last.time)
    return Status(
        state,
        stage=stage,
        done=live.get("done", 0.0),
        total=live.get("total", 0.0),
        message=live.get("message", ""),
        remaining=live.get("remaining") if state == "running" else None,
        updated=max(last.time, live.get("updated", "")),
    )


def state_after(run: Path | None, last: Commit) -> State:
    """The state of a run whose last line is `last`; who writes to one that is only read here is not known.

    A finished or failed run that is written to again is running from its first report; if that ends without a
    line, what failed before is interrupted now, or was stopped, and what was finished still is.
    """
    state: State = last.summary["state"]
    if run is not None and owner.alive(run):
        return "running" if state == "running" or _reported_since(run, last) else state
    since = run is not None and _reported_since(run, last)
    if state == "running" or (state == "failed" and since):
        return "stopped" if run is not None and since and _last_report(run).get("stopped") else "interrupted"
    return state


def _reported_since(run: Path, last: Commit) -> bool:
    return _last_report(run).get("after", -1) >= last.seq


def _last_report(run: Path) -> dict[str, Any]:
    try:
        report: dict[str, Any] = json.loads(read_regular(run / REPORT))
    except (OSError, ValueError, RecursionError):
        return {}
    return report if fits(report, forms.REPORT) else {}
