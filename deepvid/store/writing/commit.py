"""The commit: data that is durable, then one line that says so; or neither."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from deepvid.errors import DeepVIDError, StoreError
from deepvid.store.format.chain import Commit
from deepvid.store.format.disk import Sealed, os_error_text, remedy
from deepvid.store.format.journal import JournalWriter, now
from deepvid.store.format.layout import settle
from deepvid.store.reading.reader import Run
from deepvid.store.writing.lock import RunLock
from deepvid.store.writing.recovery import collect

NOTHING = Sealed("", 0, {})
"""What a line without files commits."""


class Committer:
    """Appends lines to the journal of one run, and takes back what a failed commit leaves behind."""

    def __init__(self, run: Run, journal: JournalWriter, lock: RunLock) -> None:
        self.run = run
        self._journal, self._lock = journal, lock
        self._since = time.monotonic()

    @contextmanager
    def attempt(self, what: str) -> Iterator[None]:
        """One commit from its first file to its line. On any exception no trace of it stays.

        Raises StoreError for what the disk refused; other errors pass as they are.
        """
        intact = len(self.run.commits)
        if not self._journal.intact:
            raise StoreError(
                "A writer knows what is on disk",
                "a commit that could not be taken back",
                "Open the run again",
            )
        try:
            yield
        except BaseException as error:
            self._take_back()
            if isinstance(error, DeepVIDError) or not isinstance(error, OSError):
                raise
            raise StoreError(
                "A commit is written whole or not at all",
                f"{os_error_text(error, self.run.path)} while committing {what}; {intact} earlier "
                "commits are intact",
                f"{remedy(error, 'use another disk')}, and run the same command again",
            ) from error

    def line(
        self,
        kind: str,
        name: str,
        *,
        key: str = "",
        path: str = "",
        sealed: Sealed = NOTHING,
        metrics: Mapping[str, Any],
        details: dict[str, Any],
        summary: Mapping[str, Any],
    ) -> Commit:
        """Commits one line whose summary is the last one with `summary` merged over it."""
        at = now()
        merged = {**self.run.summary, "bytes": self.run.summary.get("bytes", 0) + sealed.bytes}
        for news in ({"state": "running"}, self._progress(kind, name, key, at), summary):
            merged = _merged(merged, news)
        fields = {"kind": kind, "time": at, "name": name, "key": key, "path": path, "digest": sealed.digest}
        if sealed.files:
            details = {**details, "files": sealed.files}  # so that damage has the name of a file
        commit = self._journal.append(
            {**fields, "metrics": dict(metrics), "details": details, "summary": merged}
        )
        self.run.poll()
        if kind == "stage":
            self._since = time.monotonic()
        return commit

    def _take_back(self) -> None:
        """Removes the files of a failed commit, unless its line may have been written after all."""
        settle()
        if self._journal.intact and self._lock.held():
            self.run.poll()
            collect(self.run.path, self.run.commits)

    def close(self) -> None:
        self._journal.close()

    def _progress(self, kind: str, name: str, key: str, at: str) -> dict[str, Any]:
        """What a line adds to the summary by being there; batches of a family count as one stage."""
        if kind == "created":
            return {"created": at, "stages": {}, "epochs": {}, "metrics": {}}
        if kind in ("series", "epoch"):
            series = self.run.series(name)
            done = series.epochs + 1 if kind == "epoch" and series else 0
            return {"epochs": {name: done}}
        if kind != "stage":
            return {}
        family = name.partition("/")[0]
        before = self.run.summary["stages"].get(family, {}) if "/" in name else {}
        seconds = round(before.get("seconds", 0.0) + time.monotonic() - self._since, 3)
        return {"stages": {family: {"key": key, "time": at, "seconds": seconds}}}


def _merged(base: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """`extra` over `base`, dicts within dicts likewise."""
    result = dict(base)
    for name, value in extra.items():
        inner = result.get(name)
        if isinstance(inner, dict) and isinstance(value, Mapping):
            value = _merged(inner, value)
        result[name] = value
    return result
