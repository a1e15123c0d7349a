"""What a run is doing now: a convenience beside the journal, lost without harm."""

import contextlib
import json
import time
from pathlib import Path
from typing import Any, Literal, NamedTuple

from deepvid.errors import DeepVIDError
from deepvid.progress import Tick
from deepvid.store.format.disk import write_atomically
from deepvid.store.format.journal import Commit, now
from deepvid.store.format.schema import plain
from deepvid.store.writing import owner

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
    """Writes the live progress of one run, at most twice a second, and at once when the stage changes.

    Every report names the last line it came after, so that a clock decides nothing.
    """

    def __init__(self, run: Path) -> None:
        self._path = run / "status.json"
        self._stage, self._next = "", 0.0

    def report(self, stage: str, tick: Tick, *, after: int) -> None:
        """Never raises: a full disk stops the commit that follows, not this. `after` is the line's seq."""
        if stage == self._stage and time.monotonic() < self._next and tick.done < tick.total:
            return
        self._stage, self._next = stage, time.monotonic() + INTERVAL
        record = {"stage": stage, "updated": now(), "after": after, **tick._asdict()}
        with contextlib.suppress(OSError):
            write_atomically(self._path, json.dumps(plain(record)).encode())


def read_status(run: Path | None, commits: tuple[Commit, ...]) -> Status:
    """What the journal, the owner and the last report say together; the journal alone without a folder."""
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
    line, what failed before is interrupted now, and what was finished still is.
    """
    state: State = last.summary["state"]
    if run is not None and owner.alive(run):
        return "running" if state == "running" or _reported_since(run, last) else state
    if state == "failed":
        return "interrupted" if run is not None and _reported_since(run, last) else state
    return "interrupted" if state == "running" else state


def error_parts(error: BaseException) -> dict[str, str]:
    """The three parts of an error, whatever was raised."""
    if isinstance(error, DeepVIDError):
        return {"must": error.must, "found": error.found, "action": error.action}
    return {
        "must": "A stage ends without an error",
        "found": f"{type(error).__name__}: {error}",
        "action": "Run the same command with --debug to see where it was raised",
    }


def _reported_since(run: Path, last: Commit) -> bool:
    return _last_report(run).get("after", -1) >= last.seq


def _last_report(run: Path) -> dict[str, Any]:
    try:
        return json.loads((run / "status.json").read_bytes())
    except (OSError, ValueError):
        return {}
