"""What a line may follow: one order for the writer, for all readers, and for whoever verifies.

A right checksum does not make a line the next one: anybody can chain lines of their own.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from deepvid.store.format.disk import digest_of

START = "0" * 64
"""What the first line follows."""


class Commit(NamedTuple):
    """One line: what became part of the run, when, and what the run amounts to since.

    `kind` is created, stage, series, epoch, finished or failed; `path` is relative to the run.
    """

    seq: int
    prev: str
    kind: str
    time: str  # ISO 8601, UTC
    name: str
    key: str
    path: str
    digest: str
    metrics: dict[str, Any]
    details: dict[str, Any]
    summary: dict[str, Any]
    sum: str


class Chain:
    """The lines of a journal so far, each of which follows the ones before it."""

    def __init__(self, commits: Iterable[Commit] = ()) -> None:
        """`commits` are known to follow each other."""
        self.commits: list[Commit] = []
        self._epochs: dict[tuple[str, str], int] = {}  # committed, by name and key of a series
        self._planned: dict[tuple[str, str], int] = {}
        self._paths: set[str] = set()
        for commit in commits:
            self._take(commit)

    def add(self, commit: Commit) -> str:
        """Takes the next line; what is wrong with it, and then it is not taken, or nothing."""
        if not (fault := self._fault(commit)):
            self._take(commit)
        return fault

    def _fault(self, commit: Commit) -> str:
        before = self.commits[-1].sum if self.commits else START
        if commit.seq != len(self.commits) or commit.prev != before:
            return "does not follow the one before it"
        if (commit.kind == "created") != (commit.seq == 0):
            return f"is of kind {commit.kind!r}: a run is created by its first line, and once"
        if commit.kind in ("stage", "series") and commit.path and commit.path in self._paths:
            return f"commits {commit.path!r} a second time"
        for digest, details in _sealed(commit):
            if "files" in details and digest_of(details["files"]) != digest:
                return "has a digest that is not that of its files"
        return self._fault_of_epoch(commit) if commit.kind == "epoch" else ""

    def _fault_of_epoch(self, commit: Commit) -> str:
        series, epoch = (commit.name, commit.key), commit.details["epoch"]
        if series not in self._epochs:
            return f"is an epoch of {commit.name!r}, a series that was not begun"
        if epoch != self._epochs[series]:
            return f"is epoch {epoch} of {commit.name!r} after {self._epochs[series]} epochs"
        if epoch >= self._planned[series]:
            return f"is epoch {epoch} of {commit.name!r}, which has room for {self._planned[series]}"
        return ""

    def _take(self, commit: Commit) -> None:
        self.commits.append(commit)
        if commit.kind in ("stage", "series"):
            self._paths.add(commit.path)
        if commit.kind == "series":
            self._epochs[commit.name, commit.key] = 0
            self._planned[commit.name, commit.key] = commit.details["epochs"]
        elif commit.kind == "epoch":
            self._epochs[commit.name, commit.key] += 1


def _sealed(commit: Commit) -> Iterable[tuple[str, dict[str, Any]]]:
    """Each digest of a line, with what lists its files."""
    yield commit.digest, commit.details
    if commit.kind == "epoch" and (state := commit.details["state"]):
        yield state["digest"], state
