"""Computations that pages of this server have started: one at a time, each a process of its own.

They belong to the server, not to the session that asked: every page of the store sees them, and a page that
is closed ends none. They end with the server. What they have committed by then stays.
"""

import importlib
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from multiprocessing.util import Finalize
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import RLock, Thread
from typing import Any, Literal

from dashboards.data.computation import TITLES, Computation
from dashboards.data.writable import store_refusal
from dashboards.serving.scratch import scratch_folder
from deepvid.errors import DeepVIDError, StoreError, UserError
from deepvid.spawning import SPAWN, without_script
from deepvid.store import Address, absolute, require_unlocked
from deepvid.wording import shorten

MOST_WAITING = 8
PATIENCE = 20.0  # s that a computation has for its next safe point, once it is to be cancelled
FAREWELL = 1.0  # s of the same where the server ends
MOST_ENDED = 20  # computations that have ended, in the list
INTERRUPTED = 130  # a shell's code for what was ended by Ctrl-C

State = Literal["waiting", "running", "done", "cancelled", "failed"]


@dataclass(frozen=True)
class Entry:
    """One computation, as it is now."""

    number: int
    computation: Computation
    state: State = "waiting"
    reason: str = ""  # why it failed
    looked_at: bool = False  # whether somebody knows how it ended

    @property
    def open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ("waiting", "running")


@dataclass
class _Worker:
    process: Any
    log: Path
    folder: TemporaryDirectory[str]
    cancelled: bool = False
    watcher: Thread | None = field(default=None, repr=False)


class Computations:
    """Those of one process, in the order in which they were asked for. All methods are for any thread."""

    def __init__(self) -> None:
        self.version = 0  # changes with every state
        self._entries: dict[int, Entry] = {}
        self._workers: dict[int, _Worker] = {}
        self._numbers, self._lock, self._registered = count(1), RLock(), False

    def entries(self, store: Address) -> list[Entry]:
        """Those over a store, the latest last."""
        place = absolute(store)
        with self._lock:
            return [entry for entry in self._entries.values() if entry.computation.store == place]

    def latest(self, computation: Computation) -> Entry | None:
        """The last time that it was asked for; None: it was not."""
        with self._lock:
            return next(
                (one for one in reversed(self._entries.values()) if one.computation == computation), None
            )

    def start(self, computation: Computation) -> Entry:
        """Begins it, or lets it wait for those before it.

        Raises UserError where nothing may be written, where it is there already, where others wait, and
        LockedError where another process writes to the run.
        """
        with self._lock:
            self._require_possible(computation)
            entry = Entry(next(self._numbers), computation)
            self._entries[entry.number] = entry
            self._forget()
            self._go_on()
            return self._entries[entry.number]

    def cancel(self, number: int) -> None:
        """Ends one at its next safe point, and if none comes in time, at once. Again, it changes nothing."""
        with self._lock:
            entry, worker = self._entries.get(number), self._workers.get(number)
            if worker is not None and not worker.cancelled:
                worker.cancelled = True
                self._later(lambda: _end(worker, PATIENCE))
            elif entry is not None and entry.state == "waiting":
                self._set(number, state="cancelled", looked_at=True)

    def look(self, store: Address) -> None:
        """Somebody looks at the list: what has ended is no news any more."""
        with self._lock:
            for entry in self.entries(store):
                if not entry.open and not entry.looked_at:
                    self._set(entry.number, looked_at=True)

    def close(self) -> None:
        """Ends all of them, as the server ends."""
        with self._lock:
            for entry in list(self._entries.values()):
                if entry.state == "waiting":
                    self._set(entry.number, state="cancelled")
            workers = list(self._workers.values())
            for worker in workers:
                worker.cancelled = True
        for worker in workers:
            _end(worker, FAREWELL)
        for worker in workers:
            if worker.watcher is not None:
                worker.watcher.join(FAREWELL)

    def _require_possible(self, computation: Computation) -> None:
        store, run = computation.store, computation.run
        if computation.kind not in TITLES:
            raise UserError(
                f"A page computes one of {', '.join(TITLES)}", f"{computation.kind!r}", "Type the command"
            )
        if refusal := store_refusal(store):
            raise UserError(
                "A page computes in a store that it may write to", refusal.rstrip("."), "Use another store"
            )
        pending = [entry for entry in self._entries.values() if entry.open]
        if any(entry.computation == computation for entry in pending):
            raise UserError(
                "A page starts a computation once",
                f"{computation.title} of {run or store}, which is under way",
                "Wait for it",
            )
        if len(pending) > MOST_WAITING:
            raise UserError(
                f"{MOST_WAITING} computations wait at most",
                f"{len(pending) - 1} that do",
                "Cancel one, or wait",
            )
        if computation.kind != "demo" and not any(entry.computation.run == run for entry in pending):
            _require_run(store, run)
            if not computation.writes_elsewhere:
                require_unlocked(store / run)

    def _go_on(self) -> None:
        """Begins the next that waits, if none runs."""
        if self._workers:
            return
        entry = next((entry for entry in self._entries.values() if entry.state == "waiting"), None)
        if entry is None:
            return
        if not self._registered:
            Finalize(None, self.close, exitpriority=0)  # before multiprocessing waits for its processes
            self._registered = True
        worker = _begin(entry.computation)
        self._workers[entry.number] = worker
        self._set(entry.number, state="running")
        worker.watcher = self._later(lambda: self._watch(entry.number, worker))

    def _watch(self, number: int, worker: _Worker) -> None:
        worker.process.join()
        state, reason = _result(worker)
        with self._lock:
            del self._workers[number]
            self._set(number, state=state, reason=reason, looked_at=state == "cancelled")
            worker.folder.cleanup()
            self._go_on()

    def _set(self, number: int, **changes: Any) -> None:
        self._entries[number] = replace(self._entries[number], **changes)
        self.version += 1

    def _forget(self) -> None:
        ended = [entry.number for entry in self._entries.values() if not entry.open]
        for number in ended[:-MOST_ENDED]:
            del self._entries[number]

    @staticmethod
    def _later(function: Callable[[], None]) -> Thread:
        thread = Thread(target=function, name="computation", daemon=True)
        thread.start()
        return thread


computations = Computations()
"""Those of this process."""


def _require_run(store: Path, run: str) -> None:
    """Raises StoreError where the store has no such run."""
    if Path(run).name != run or run == ".." or not (store / run / "journal.jsonl").is_file():
        raise StoreError(
            "A page computes for a run of its store", f"no {run!r} there", "Choose a run that it lists"
        )


def _begin(computation: Computation) -> _Worker:
    # By name, for a dashboard imports no command line: that leads to JAX.
    run_command = importlib.import_module("deepvid.cli.background").run_command
    folder = scratch_folder()
    log = Path(folder.name) / "log.txt"
    process = SPAWN.Process(target=run_command, args=(computation.arguments, log), name="computation")
    with without_script():
        process.start()
    return _Worker(process, log, folder)


def _end(worker: _Worker, patience: float) -> None:
    """Asks it to stop, and kills it and what it has started if it does not."""
    process = worker.process
    if not process.is_alive():
        return
    if sys.platform == "win32":
        process.terminate()
    else:
        os.kill(process.pid, signal.SIGINT)
    process.join(patience)
    if process.is_alive():
        _kill(process)


def _kill(process: Any) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)  # with its workers
    except (AttributeError, ProcessLookupError):  # on Windows; where it has no group of its own yet
        process.kill()


def _result(worker: _Worker) -> tuple[State, str]:
    code = worker.process.exitcode
    if code == 0:
        return "done", ""
    if worker.cancelled or code == INTERRUPTED:
        return "cancelled", ""
    if code < 0:
        return "failed", _ended_by(-code)
    return "failed", _last_words(worker.log) or f"It ended with {code} and said nothing."


def _ended_by(number: int) -> str:
    ended = DeepVIDError(
        "A computation ends by itself",
        f"the signal {signal.Signals(number).name}, as of a person or of a machine without memory left",
        "What it had committed is kept: run it again",
    )
    return str(ended)


def _last_words(log: Path) -> str:
    """The error that a command prints last."""
    said = log.read_text(errors="replace") if log.is_file() else ""
    text = said.rpartition("Error: ")[2] if "Error: " in said else "".join(said.splitlines()[-1:])
    return shorten(text.strip(), 2_000)
