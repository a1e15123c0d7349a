"""The one writer of a run: every commit is durable and whole before it returns, or it never was.

Besides, it tells readers how far it is, and why it failed.
"""

import contextlib
import json
import shutil
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

import xarray as xr

from deepvid import fields
from deepvid.errors import DamagedError, DeepVIDError, StoreError
from deepvid.progress import Tick
from deepvid.store.format import owner
from deepvid.store.format.disk import os_error_text, publish, remedy, remove, seal, write_atomically
from deepvid.store.format.journal import Commit, now
from deepvid.store.format.layout import write_series, write_wip
from deepvid.store.format.names import directory_name
from deepvid.store.format.schema import SERIES, described, plain
from deepvid.store.reading.groups import Series, Stage
from deepvid.store.reading.location import Folder
from deepvid.store.reading.reader import Run
from deepvid.store.reading.status import REPORT
from deepvid.store.writing.commit import NONE, Committer, begin_run, open_committer
from deepvid.store.writing.control import clear_control
from deepvid.store.writing.lock import RunLock
from deepvid.store.writing.series_writer import SeriesWriter

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


def open_writer(
    store: str | Path,
    run_id: str,
    *,
    config: dict[str, Any],
    provenance: dict[str, Any],
    hashing: int = 1,
) -> "RunWriter":
    """Takes the lock of a run, creates it or recovers it; `provenance` is kept from the first time only.

    `hashing` is what its id and keys are made by, as `Run.hashing` says it.

    Raises LockedError where another process writes, DamagedError where the journal does not verify,
    NewerFormatError, and StoreError where the run was created with another configuration.
    """
    path = Path(store) / run_id
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = RunLock(path)
        begin = partial(begin_run, config=config, provenance=provenance, hashing=hashing)
        return writer_of(Folder(path), lock, begin)
    except OSError as error:
        raise StoreError(
            "A store is a folder that can be written to",
            os_error_text(error, path),
            remedy(error, "choose another store"),
        ) from error


def writer_of(location: Folder, lock: RunLock, begin: Callable[[Committer], None]) -> "RunWriter":
    """A writer to what lies there, as `open_committer` opens it; where that fails, the lock is given back."""
    try:
        return RunWriter(lock, open_committer(location, lock, begin))
    except BaseException:
        lock.release()
        raise


class RunWriter:
    """Commits to one run, from one thread; a context manager that gives the lock back.

    In a fork of its process commits raise LockedError, and reports and `close` do nothing.
    """

    def __init__(self, lock: RunLock, committer: Committer) -> None:
        self._lock, self._committer = lock, committer
        self._reporter = Reporter(self.run.path)
        self._failed = False
        self._closed = Event()
        clear_control(self.run.path)
        Thread(target=self._beat, name="deepvid-heartbeat", daemon=True).start()

    @property
    def run(self) -> Run:
        """The reader's view, always up to the last commit."""
        return self._committer.run

    @property
    def inherited(self) -> bool:
        """Whether this is a fork of the process that opened it."""
        return self._lock.inherited

    def require(self) -> None:
        """Raises LockedError where the right to write is not this process's."""
        self._lock.require()

    def stage(self, name: str) -> Stage | None:
        return self.run.stages.get(name)

    def has(self, name: str, key: str) -> bool:
        """Whether this very stage is committed, so that it need not be computed again."""
        committed = self.stage(name)
        return committed is not None and committed.key == key

    def commit_stage(
        self,
        name: str,
        key: str,
        dataset: xr.Dataset,
        *,
        metrics: Mapping[str, Any] = NONE,
        summary: Mapping[str, Any] = NONE,
    ) -> Commit:
        """Writes and commits one group; `summary` is merged over the run's.

        Raises StoreError as `write_wip` and `commit_prepared` do.
        """
        self._vacant_path("stage", name, key)  # refuses before anything is written
        with self._committer.attempt(name):
            path = write_wip(self.run.path, name, dataset)
        return self.commit_prepared(name, key, path, metrics=metrics, summary=summary)

    def commit_prepared(
        self,
        name: str,
        key: str,
        wip_path: Path,
        *,
        metrics: Mapping[str, Any] = NONE,
        summary: Mapping[str, Any] = NONE,
        computed: Mapping[str, Any] = NONE,
        samples: Sequence[int] = (),
    ) -> Commit:
        """Makes a group that `write_wip` wrote durable, moves it to its path and commits it.

        The line of a batch keeps what it was `computed` on (processor, device, version of JAX, threads), and
        the `samples` that it is of: nobody opens it to know them.

        Raises StoreError where the stage is committed already or the disk refused; the group is gone then.
        Raises LockedError as `require` does; the group stays.
        """
        self.require()  # a fork's group may be its parent's
        try:
            path = self._vacant_path("stage", name, key)
            with self._committer.attempt(name):
                known = {"computed": dict(computed), "samples": " ".join(map(str, samples))}
                details = {field: value for field, value in known.items() if value}
                fields = {"key": key, "metrics": metrics, "summary": summary, "details": details}
                return self._publish(wip_path, path, "stage", name, **fields)
        finally:
            remove(wip_path)

    def copy_stage(self, source: Stage, *, summary: Mapping[str, Any] = NONE) -> Commit:
        """Copies an equal stage of another run, so that this one stands alone.

        Raises DamagedError where the copy's bytes are not those that were committed there.
        """
        path = self.run.path / "wip" / uuid.uuid4().hex
        with self._committer.attempt(source.name):
            shutil.copytree(source.path, path)
            digest = seal(path).digest
        if digest != source.digest:
            remove(path)
            raise DamagedError(
                f"{source.path} holds what was committed",
                f"sha256 {digest[:12]} instead of {source.digest[:12]}",
                "Remove that run or restore it from a copy; this one computes the stage anew without it",
            )
        known: dict[str, Any] = {"metrics": source.metrics, "computed": source.computed}
        known["samples"] = source.samples if source.listed_samples else ()
        return self.commit_prepared(source.name, source.key, path, summary=summary, **known)

    def series(self, name: str, key: str, template: xr.Dataset, epochs: int) -> SeriesWriter:
        """A series to append to: begun, or continued after its last committed epoch.

        `template` is one epoch: its data variables get the dimension `epoch`, its coordinates are kept.
        """
        template = described(template, SERIES, fields.of_series(name))
        if (series := self.begun_series(name, key)) is None:
            self._begin(name, key, template, epochs)
            series = SeriesWriter(self._committer, name, key)
        series.require(template, epochs)
        return series

    def begun_series(self, name: str, key: str) -> SeriesWriter | None:
        """The series as an earlier process left it, perhaps without an epoch; None where it was not begun."""
        series = self.run.series(name)
        begun = series is not None and series.key == key
        return SeriesWriter(self._committer, name, key) if begun else None

    def copy_series(self, source: Series, *, summary: Mapping[str, Any] = NONE) -> SeriesWriter:
        """Copies the committed epochs of an equal series of another run, and its last state."""
        dataset = source.open()
        template = dataset.isel(epoch=0).load()
        target = self.series(source.name, source.key, template, source.planned)
        for epoch in range(target.committed, source.epochs):
            state = source.state() if epoch == source.epochs - 1 else None
            values = dataset[list(source.arrays)].isel(epoch=epoch).load()
            target.append(values, metrics=source.metrics[epoch], state=state, summary=summary)
        return target

    def note(self, kind: str, name: str, details: dict[str, Any]) -> Commit:
        """Commits one line without files."""
        with self._committer.attempt(kind):
            return self._committer.line(kind, name, details=details)

    def finish(self, summary: Mapping[str, Any] = NONE) -> Commit:
        """Commits that the run has all it was asked for."""
        return self._end("finished", "", {}, summary)

    def fail(self, stage: str, error: BaseException) -> Commit:
        """Commits that a stage failed, with the three parts of its error."""
        self._failed = True
        return self._end("failed", stage, {"error": error_parts(error)}, NONE)

    def report(self, stage: str, tick: Tick) -> None:
        """Shows readers the progress of a stage; never raises, from any thread."""
        if not (self._failed or self.inherited):  # what other threads still report is not a new beginning
            self._reporter.report(stage, tick, after=len(self.run.commits) - 1)

    def stop(self, stage: str) -> None:
        """Shows readers that no more was asked for than this stage; never raises."""
        if not self.inherited:
            self._reporter.stop(stage, after=len(self.run.commits) - 1)

    def close(self) -> None:
        """Gives the lock back. A run not finished, failed or stopped reads as interrupted from now on."""
        if not (self._closed.is_set() or self.inherited):
            self._closed.set()
            clear_control(self.run.path)
            self._committer.close()
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _begin(self, name: str, key: str, template: xr.Dataset, epochs: int) -> None:
        path = self._vacant_path("series", name, key)
        wip = self.run.path / "wip" / uuid.uuid4().hex
        try:
            with self._committer.attempt(name):
                arrays = write_series(wip, template, epochs)
                details = {"epochs": epochs, "arrays": arrays}
                self._publish(wip, path, "series", name, key=key, details=details)
        finally:
            remove(wip)

    def _publish(self, wip: Path, path: str, kind: str, name: str, **fields: Any) -> Commit:
        """Makes a group durable, moves it to its path and commits it."""
        sealed = seal(wip)
        publish(wip, self.run.path / path)
        return self._committer.line(kind, name, path=path, sealed=sealed, **fields)

    def _end(self, kind: str, name: str, details: dict[str, Any], summary: Mapping[str, Any]) -> Commit:
        with self._committer.attempt(kind):
            return self._committer.line(kind, name, details=details, summary={**summary, "state": kind})

    def _vacant_path(self, kind: str, name: str, key: str) -> str:
        """Where a group goes, relative to the run. Raises StoreError where it is committed already.

        A stage that others of its name came after may be committed once more, at a place of its own.
        """
        path = f"data.zarr/{kind}/{directory_name(name, key)}"
        times = sum((line.kind, line.name, line.key) == (kind, name, key) for line in self.run.commits)
        if times and kind == "stage" and not self.has(name, key):
            return f"{path}-{times + 1}"
        if any(commit.path == path for commit in self.run.commits):
            raise StoreError(
                f"A {kind} is committed once under one key",
                f"{name} is there already under {key[:12]}",
                "Ask `has` first",
            )
        return path

    def _beat(self) -> None:
        while not self._closed.wait(owner.SILENCE / 6):
            owner.beat(self.run.path)
