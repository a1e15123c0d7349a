"""The truth about a run: one JSON line a commit, each chained to the one before by its hash.

A line is `{"seq":…,"prev":…,…,"sum":"<hex>"}` and a newline; `sum` is the sha256 of the bytes before
`,"sum"`, `prev` the `sum` of the line before. What follows the last newline is torn and counts for nothing;
a complete line that does not verify is damage. A right checksum does not make a line the next one, because
anybody can chain lines of their own: `Chain` says which may follow, to the writer, readers and `verify`.
"""

import errno
import hashlib
import json
import math
import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from deepvid.errors import DamagedError, StoreError
from deepvid.store.format.disk import digest_of, open_regular
from deepvid.store.format.forms import DEEPEST, fault_of, too_deep
from deepvid.store.format.schema import check_version, plain

START = "0" * 64
"""The sum that the first line follows."""


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


_SUM = b',"sum":"'


def now() -> str:
    """The time as the journal writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def encode(seq: int, prev: str, fields: dict[str, Any]) -> bytes:
    """The line of one commit, its newline included."""
    record = {"seq": seq, "prev": prev, **plain(fields)}
    body = json.dumps(record, separators=(",", ":"), allow_nan=False).encode()[:-1]
    return body + _SUM + hashlib.sha256(body).hexdigest().encode() + b'"}\n'


def decode(line: bytes, path: object) -> Commit:
    """The commit of one line without its newline.

    Raises DamagedError for whatever is no line: another checksum, no JSON, a field that is not as
    `deepvid.store.format.forms` has it. Raises NewerFormatError where a later DeepVID began it.
    """
    body, _, tail = line.rpartition(_SUM)
    if hashlib.sha256(body).hexdigest().encode() + b'"}' != tail:
        raise _damaged(path, "a line whose checksum does not match")
    record = _parsed(line, path)
    details = record.get("details") if isinstance(record, dict) else None
    if isinstance(details, dict) and record.get("kind") == "created":
        check_version(details.get("version"), str(path))
    if fault := fault_of(record):
        raise _damaged(path, f"a line that is none of a journal: {fault}")
    metrics = {name: math.nan if value is None else value for name, value in record["metrics"].items()}
    return Commit(**{**{field: record[field] for field in Commit._fields}, "metrics": metrics})


def _parsed(line: bytes, path: object) -> Any:
    try:
        record = json.loads(line, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, f"a line that is no JSON ({error})") from error
    if line.count(b"[") + line.count(b"{") > DEEPEST and too_deep(record):
        raise _damaged(path, f"a line with more than {DEEPEST} lists and objects in each other")
    return record


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


class JournalFile(Protocol):
    """The bytes of a journal, wherever they are; its text is its name."""

    def mark(self) -> tuple[int, int, int]:
        """Which file, its size in bytes, and its state: a mark that stays means that nothing changed."""

    def read(self, offset: int) -> bytes:
        """All bytes from `offset` on."""


class LocalJournal:
    """The journal of a run's folder; a look costs one `stat`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def mark(self) -> tuple[int, int, int]:
        stat = self.path.stat()
        return stat.st_ino, stat.st_size, stat.st_mtime_ns

    def read(self, offset: int) -> bytes:
        with open_regular(self.path) as file:
            file.seek(offset)
            return file.read()

    def __str__(self) -> str:
        return str(self.path)


class Journal:
    """The committed lines of one run; `poll` reads only what was appended since the last call."""

    def __init__(self, file: Path | JournalFile) -> None:
        self.file = LocalJournal(file) if isinstance(file, Path) else file
        self.commits: tuple[Commit, ...] = ()
        self.size = 0  # bytes of the complete lines read so far
        self._mark: tuple[int, int, int] | None = None

    @property
    def path(self) -> Path:
        """Where the writer appends; only a journal of this machine has a path."""
        assert isinstance(self.file, LocalJournal)
        return self.file.path

    def poll(self) -> bool:
        """True when lines were added. Raises FileNotFoundError, or DamagedError and keeps the last state."""
        mark = self.file.mark()
        if mark == self._mark:
            return False
        same_file = self._mark is not None and self._mark[0] == mark[0] and mark[1] >= self.size
        before = self.commits
        try:
            self._read(*((self.size, self.commits) if same_file else (0, ())))
        except DamagedError:
            if not same_file or not self.size:
                raise
            self._read(0, ())  # a writer took back its last line and wrote another
        self._mark = mark
        return self.commits != before

    def _read(self, offset: int, commits: tuple[Commit, ...]) -> None:
        chain = Chain(commits)
        for line in self.file.read(offset).split(b"\n")[:-1]:
            if fault := chain.add(decode(line, self.file)):
                raise _damaged(self.file, f"line {len(chain.commits) + 1} {fault}")
            offset += len(line) + 1
        self.commits, self.size = tuple(chain.commits), offset


class JournalWriter:
    """Appends to a journal whose lock the caller holds. One write and one fsync are the commit."""

    def __init__(self, journal: Journal, require: Callable[[], None] = lambda: None) -> None:
        """`require` raises where the lock is not the caller's any more; it is asked before every change."""
        self.journal, self._require = journal, require
        self.intact = True  # False once a line could not be taken back: what is on disk is not known
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        flags |= getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)  # never waits at a pipe
        self._descriptor = os.open(journal.path, flags, 0o644)

    def append(self, fields: dict[str, Any]) -> Commit:
        """Commits one line; on any exception the journal is what it was before.

        Raises StoreError for a line that no reader would take.
        """
        self.journal.poll()
        commits = self.journal.commits
        line = encode(len(commits), commits[-1].sum if commits else START, {"time": now(), **fields})
        self._require_readable(line)
        self._require()
        try:
            if os.write(self._descriptor, line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._descriptor)
        except BaseException:
            self.cut()
            raise
        self.journal.poll()
        return self.journal.commits[-1]

    def _require_readable(self, line: bytes) -> None:
        try:
            decode(line[:-1], self.journal.file)
        except DamagedError as error:
            raise StoreError(
                "A commit has the form that readers check: metrics are numbers, names are texts",
                error.found,
                "Convert it before it is committed; deepvid/store/format/forms.py has every field",
            ) from error

    def cut(self) -> None:
        """Removes what follows the last commit: a torn tail, or a line that failed."""
        self.intact = False
        self._require()
        os.ftruncate(self._descriptor, self.journal.size)
        os.fsync(self._descriptor)
        self.intact = True

    def close(self) -> None:
        os.close(self._descriptor)


def _damaged(path: object, found: str) -> DamagedError:
    return DamagedError(
        f"Every line of {path} verifies", found, "Restore the run from a copy; nothing was changed"
    )
