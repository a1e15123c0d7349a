"""What a run is doing now: a convenience beside the journal, lost without harm."""

import contextlib
import json
import time
from pathlib import Path
from typing import Any, Literal, NamedTuple

from deepvid.errors import DeepVIDError
from deepvid.progress import Tick
from deepvid.store import owner
from deepvid.store.disk import write_atomically
from deepvid.store.journal import Commit, now
from deepvid.store.schema import plain

State = Literal["running", "finished", "failed", "interrupted", "empty"]
INTERVAL = 0.5  # seconds between reports of one stage


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


class Reporter:
    """Writes the live progress of one run, at most twice a second, and at once when the stage changes."""

    def __init__(self, run: Path) -> None:
        self._path = run / "status.json"
        self._stage, self._next = "", 0.0

    def report(self, stage: str, tick: Tick) -> None:
        """Never raises: a full disk stops the commit that follows, not the report."""
        if stage == self._stage and time.monotonic() < self._next and tick.done < tick.total:
            return
        self._stage, self._next = stage, time.monotonic() + INTERVAL
        record = {"stage": stage, "updated": now(), **tick._asdict()}
        with contextlib.suppress(OSError):
            write_atomically(self._path, json.dumps(plain(record)).encode())


def read_status(run: Path | None, commits: tuple[Commit, ...]) -> Status:
    """What the journal, the owner and the last report say together; the journal alone without a folder."""
    if not commits:
        return Status("empty")
    last, live = commits[-1], _last_report(run) if run else {}
    state = _state(run, last, live.get("updated", ""))
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


def listed_state(run: Path | None, summary: dict[str, Any]) -> State:
    """The state of a run of which only the last line is known."""
    state = summary["state"]
    return "interrupted" if state == "running" and not _alive(run) else state


def error_parts(error: BaseException) -> dict[str, str]:
    """The three parts of an error, whatever was raised."""
    if isinstance(error, DeepVIDError):
        return {"must": error.must, "found": error.found, "action": error.action}
    return {
        "must": "A stage ends without an error",
        "found": f"{type(error).__name__}: {error}",
        "action": "Run the same command with --debug to see where it was raised",
    }


def _state(run: Path | None, last: Commit, reported: str) -> State:
    """A finished or failed run that is written to again is running from its first report."""
    state = last.summary["state"]
    if state != "running" and reported <= last.time:
        return state
    if _alive(run):
        return "running"
    return "interrupted" if state == "running" else state


def _alive(run: Path | None) -> bool:
    """Who writes to a run that this machine only reads is not known."""
    return run is not None and owner.alive(run)


def _last_report(run: Path) -> dict[str, Any]:
    try:
        return json.loads((run / "status.json").read_bytes())
    except (OSError, ValueError):
        return {}
