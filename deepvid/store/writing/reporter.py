"""Reports of a writer to readers besides its commits: how far it is, and why it failed."""

import contextlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deepvid.errors import DeepVIDError
from deepvid.progress import Tick
from deepvid.store.format.disk import write_atomically
from deepvid.store.format.journal import now
from deepvid.store.format.schema import plain
from deepvid.store.reading.status import REPORT

INTERVAL = 0.5  # seconds between reports of one stage


class Reporter:
    """Writes the live progress of one run, at most twice a second, and at once when the stage changes.

    Every report names the last line it came after, so that a clock decides nothing.
    """

    def __init__(self, run: Path) -> None:
        self._path = run / REPORT
        self._stage, self._next = "", 0.0

    def report(self, stage: str, tick: Tick, *, after: int) -> None:
        """Never raises: a full disk stops the commit that follows, not this. `after` is the line's seq."""
        if stage == self._stage and time.monotonic() < self._next and tick.done < tick.total:
            return
        self._stage, self._next = stage, time.monotonic() + INTERVAL
        self._write({"stage": stage, "updated": now(), "after": after, **tick._asdict()})

    def stop(self, stage: str, *, after: int) -> None:
        """The run ends after this stage because it was asked to. As `report`, it never raises."""
        self._write({"stage": stage, "updated": now(), "after": after, "stopped": True})

    def _write(self, record: Mapping[str, Any]) -> None:
        with contextlib.suppress(OSError):
            write_atomically(self._path, json.dumps(plain(record)).encode())


def error_parts(error: BaseException) -> dict[str, str]:
    """The three parts of an error, whatever was raised."""
    if isinstance(error, DeepVIDError):
        return {"must": error.must, "found": error.found, "action": error.action}
    return {
        "must": "A stage ends without an error",
        "found": f"{type(error).__name__}: {error}",
        "action": "Run the same command with --debug to see where it was raised",
    }
