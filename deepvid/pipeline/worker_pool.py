"""Worker processes that compute batches: one a core, single-threaded, pinned; on an accelerator one thread.

A worker begins once (it loads the models of the run, say), writes batches under the run's `wip/` and never
takes its lock. One single-threaded process a core is faster than one process with all threads
(docs/decisions/student_cores.md).
"""

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from deepvid.config.sections.section import Section
from deepvid.errors import DeepVIDError
from deepvid.progress import Progress, Tick
from deepvid.spawning import SPAWN, end_with_parent, without_script
from deepvid.xla import SINGLE_THREAD, add_flag

if TYPE_CHECKING:
    import xarray as xr


THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)
LAST = 1.5  # seconds that workers have to end by themselves
POLL = 0.25  # seconds between looks at the workers' counter


class Batch(NamedTuple):
    """Work of one task: all of `items`, by one section and seed, to be stored under one key."""

    section: Section
    seed: int
    key: str
    items: tuple[int, ...]


class Work(NamedTuple):
    """Work of all workers, as `deepvid.pipeline.batches.BatchStage` says it."""

    family: str  # of the stages that the batches become: "students"
    begin: Callable[[Path], Any]
    task: Callable[[Any, Batch, Progress], "xr.Dataset"]
    here: bool = False  # by a thread of this process, which holds what no other can open


class WorkerPool:
    """Computes batches in parallel and hands them over in order. As a context: leaving ends the workers."""

    def __init__(self, run: Path, work: Work, batches: Sequence[Batch], progress: Progress) -> None:
        self._run, self._work, self._batches, self._progress = run, work, batches, progress
        self._total = sum(len(batch.items) for batch in batches)
        self._futures: list[Future[Path]] = []

    def __enter__(self) -> "WorkerPool":
        self._executor, self._stop, self._count = _executor(self._run, self._work, len(self._batches))
        before = set(multiprocessing.active_children())
        with without_script():
            self._futures = [self._executor.submit(_compute, batch) for batch in self._batches]
        self._processes = set(multiprocessing.active_children()) - before
        return self

    def __exit__(self, *_: object) -> None:
        """Nobody waits for what they still do, or for one whose neighbor was killed with the queue's lock."""
        self._stop.set()
        self._executor.shutdown(wait=not self._processes, cancel_futures=True)
        end = time.monotonic() + LAST
        for process in self._processes:
            process.join(max(0.0, end - time.monotonic()))
            process.kill()
            process.join()

    def written(self) -> Iterator[Path]:
        """Where each batch was written, in order. Raises what a worker raised, or `Cancelled`."""
        for number, future in enumerate(self._futures):
            yield self._wait(future, number)

    def _wait(self, future: Future[Path], number: int) -> Path:
        while True:
            self._report()
            try:
                return future.result(timeout=POLL)
            except Late:
                continue
            except BrokenProcessPool as error:
                raise DeepVIDError(
                    f"A worker process lives until its batch of {self._work.family} is written",
                    f"one was killed, by hand or for lack of memory, while batch {number + 1} "
                    f"of {len(self._batches)} was computed",
                    "Nothing committed is lost: run the same command again to continue",
                ) from error

    def _report(self) -> None:
        done = self._count.value
        message = f"{done:,} of {self._total:,} {self._work.family}" if done else "workers load the models"
        self._progress.update(done, self._total, message)


def _executor(run: Path, work: Work, batches: int) -> tuple[Executor, Any, Any]:
    """An executor whose workers are ready for `_compute`, the event that stops them, and their counter."""
    import jax

    count = SPAWN.Value("q", 0)
    if work.here or jax.default_backend() != "cpu":
        stop: Any = threading.Event()
        _init_worker(_WorkerState(run, work, stop, count))
        return ThreadPoolExecutor(1), stop, count
    stop = SPAWN.Event()
    cores = worker_cores()[: max(1, batches)]
    free = SPAWN.SimpleQueue()
    for core in cores:
        free.put(core)
    executor = ProcessPoolExecutor(
        len(cores),
        mp_context=SPAWN,
        initializer=_begin_process,
        # As bytes: whoever unpickles the functions imports JAX.
        initargs=(run, pickle.dumps(work), stop, count, free),
    )
    return executor, stop, count


def worker_cores() -> list[int]:
    """The cores that may be used: a worker each."""
    if sys.platform == "linux":
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


class _WorkerState:
    """State of a worker between tasks."""

    def __init__(self, run: Path, work: Work, stop: Any, count: Any) -> None:
        self.run, self.work, self.stop, self.count = run, work, stop, count
        self._begun: list[Any] = []

    def begun(self) -> Any:
        """Result of `begin`, which is called at the first task, so that what is raised reaches the owner."""
        if not self._begun:
            self._begun.append(self.work.begin(self.run))
        return self._begun[0]


_state: _WorkerState | None = None


def _begin_process(run: Path, work: bytes, stop: Any, count: Any, free: Any) -> None:
    """First thing in a new process, before anything imports JAX."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the owner, which sets `stop`
    os.environ.update(dict.fromkeys(THREADS, "1"))
    add_flag(SINGLE_THREAD)
    core = free.get()
    if sys.platform == "linux":
        os.sched_setaffinity(0, {core})
    end_with_parent()
    _init_worker(_WorkerState(run, pickle.loads(work), stop, count))


def _init_worker(state: _WorkerState) -> None:
    global _state
    _state = state


def _compute(batch: Batch) -> Path:
    from deepvid.store import write_wip

    assert _state is not None
    state, reported = _state, 0

    def count(tick: Tick) -> None:
        nonlocal reported
        done = int(len(batch.items) * tick.done / tick.total)
        with state.count.get_lock():
            state.count.value += done - reported
        reported = done

    progress = Progress(count, state.stop)
    progress.check()
    with progress.active():
        group = state.work.task(state.begun(), batch, progress)
    progress.update(1, 1)  # all of it, whatever the task said last
    return write_wip(state.run, state.work.family, group)
