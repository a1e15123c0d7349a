"""The commit: data that is durable, then one line that says so; or neither.

Before a writer's first commit, what is torn is cut, what is damaged refused, and what is lost collected.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import zarr

from deepvid.errors import DamagedError, DeepVIDError, StoreError
from deepvid.fields import TRAINING
from deepvid.store.format.disk import UNFINISHED, Sealed, os_error_text, remedy, remove, seal, sync_directory
from deepvid.store.format.journal import Commit, Journal, JournalWriter, now
from deepvid.store.format.layout import settle
from deepvid.store.format.names import names_run
from deepvid.store.format.schema import CRATE_FORM, VERSION, plain
from deepvid.store.reading.groups import series_of
from deepvid.store.reading.location import Folder
from deepvid.store.reading.reader import Run
from deepvid.store.writing.lock import RunLock

_REMAINS = ("wip/*", f".*{UNFINISHED}", "data.zarr/*.partial")  # groups, our small files, Zarr's own


def recover(run: Path, journal: JournalWriter) -> None:
    """Leaves exactly what the journal lists. Raises DamagedError, and then has changed nothing."""
    journal.journal.poll()
    commits = journal.journal.commits
    if not commits and any(path.is_dir() for path in _groups(run)):
        raise DamagedError(
            f"The journal of {run.name} lists its groups",
            "groups, but not one line",
            f"Restore {journal.journal.path.name} from a copy; nothing was changed",
        )
    _require_series(run, commits)
    if journal.journal.path.stat().st_size > journal.journal.size:
        journal.cut()
    for pattern in _REMAINS:
        for path in run.glob(pattern):
            remove(path)
    collect(run, commits)


def _require_series(run: Path, commits: tuple[Commit, ...]) -> None:
    """Raises DamagedError where an array is gone that grows."""
    for begun in series_of(Folder(run), commits).values():
        for array in begun.arrays:
            if not (begun.path / array).is_dir():
                raise DamagedError(
                    f"{run} holds what was committed",
                    f"{begun.group}/{array} is missing",
                    "Restore the run from a copy, or remove it; nothing was changed",
                )


def collect(run: Path, commits: tuple[Commit, ...]) -> None:
    """Removes the groups, epochs and training states that no line points to any more."""
    series = series_of(Folder(run), commits)
    listed = {run / commit.path for commit in commits if commit.kind in ("stage", "series")}
    listed |= {begun.state_path for begun in series.values() if begun.state_path}
    for path in set(_groups(run)) - listed:
        remove(path)
    for begun in series.values():
        for array in begun.arrays:
            for path in (begun.path / array).iterdir():
                if path.name != "zarr.json" and not _committed(path.name, begun.epochs):
                    remove(path)


def _groups(run: Path) -> Iterator[Path]:
    """Every group, listed or not, and what Zarr left half-written beside them."""
    for kind in ("stage", "series", "state"):
        yield from (path for path in (run / "data.zarr" / kind).glob("*") if path.name != "zarr.json")


def _committed(name: str, epochs: int) -> bool:
    """Whether `c.<epoch>.…` is a file of a committed epoch; what zarr left half-written is not."""
    _, *indices = name.split(".")
    return all(index.isdigit() for index in indices) and int(indices[0]) < epochs


NONE: Mapping[str, Any] = {}
NOTHING = Sealed("", 0, {})
"""Files of a line that commits none."""


class Committer:
    """Appends lines to the journal of one run, and takes back what a failed commit leaves behind."""

    def __init__(self, run: Run, journal: JournalWriter, lock: RunLock) -> None:
        self.run = run
        self._journal, self._lock = journal, lock
        self._since = time.monotonic()

    @contextmanager
    def attempt(self, what: str) -> Iterator[None]:
        """One commit from its first file to its line. On any exception no trace of it stays.

        Raises LockedError, before any file, where the right to write is not this process's, and StoreError
        for what the disk refused; other errors pass as they are.
        """
        self._lock.require()
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
        metrics: Mapping[str, Any] = NONE,
        details: Mapping[str, Any] = NONE,
        summary: Mapping[str, Any] = NONE,
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
        """Additions of a line to the summary by being there; batches of a family count as one stage."""
        if kind == "created":
            return {"created": at, "stages": {}, "epochs": {}, "metrics": {}}
        if name == TRAINING:
            return {}  # it has the teacher's epochs
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


def open_committer(location: Folder, lock: RunLock, begin: Callable[[Committer], None]) -> Committer:
    """Recovers what lies there, whose lock this is; `begin` commits or accepts the first line."""
    journal = JournalWriter(Journal(location.journal().path), lock.require)
    try:
        recover(location.folder, journal)
        committer = Committer(Run(location), journal, lock)
        begin(committer)
    except BaseException:
        journal.close()
        raise
    return committer


def begin_run(
    committer: Committer, *, config: dict[str, Any], provenance: dict[str, Any], hashing: int
) -> None:
    """Creates a run durably. Raises StoreError for one that was created with another configuration."""
    path = committer.run.path
    if committer.run.commits:
        if committer.run.config != plain(config):
            raise StoreError(
                "A run keeps the configuration it was created with",
                f"another one for {path.name}",
                "Give the experiment another name",
            )
        return
    if not names_run(path.name):
        raise StoreError(
            "A run's id is at most 120 letters, digits, dots, - and _, as any system can name a folder",
            repr(path.name),
            "Give it another name",
        )
    name = config.get("name", path.name)
    said = {"config": config, "provenance": provenance, **({"hashing": hashing} if hashing > 1 else {})}
    with committer.attempt("the new run"):
        make_groups(path)
        details = {"version": VERSION, "id": path.name, "crate": CRATE_FORM, **said}
        committer.line("created", name, details=details, summary={"name": name})


def make_groups(path: Path) -> None:
    """The empty tree, durable to the root of the store."""
    (path / "wip").mkdir(exist_ok=True)
    for group in ("", "stage", "series", "state"):
        zarr.open_group(path / "data.zarr" / group, mode="a", zarr_format=3)
    seal(path / "data.zarr")
    sync_directory(path)
    sync_directory(path.parent)
