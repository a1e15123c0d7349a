"""Worker processes that fit students: one a core, single-threaded, pinned; on an accelerator one thread.

A worker restores the models from the run, writes batches under the run's `wip/` and never takes its lock.
One single-threaded process a core took 171 ms an image where one process with two threads took 225.
They share what they compile, in `wip/` too: each program is compiled once, by whoever comes first.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from deepvid.errors import DeepVIDError
from deepvid.pipeline.lifetime import end_with_parent
from deepvid.progress import Progress, Tick

if TYPE_CHECKING:
    from deepvid.pipeline.batch import Task

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
XLA_SINGLE_THREAD = "--xla_cpu_multi_thread_eigen=false"
PROGRAMS = 2  # that a worker compiles
POLL = 0.25  # seconds between looks at the workers' counter


class Crew:
    """Fits tasks in parallel and hands them over in order. Use it as a context: leaving ends the workers."""

    def __init__(self, run: Path, tasks: "list[Task]", progress: Progress, total: int) -> None:
        self._run, self._tasks, self._progress, self._total = run, tasks, progress, total
        self._futures: list[Future[Path]] = []

    def __enter__(self) -> "Crew":
        self._programs = TemporaryDirectory(
            prefix="programs-", dir=self._run / "wip", ignore_cleanup_errors=True
        )
        self._executor, self._stop, self._count = _staff(self._run, len(self._tasks), self._programs.name)
        self._futures = [self._executor.submit(_fit, task) for task in self._tasks]
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._programs.cleanup()

    def written(self) -> Iterator[Path]:
        """Where each batch was written, in order. Raises what a worker raised, or `Cancelled`."""
        for number, future in enumerate(self._futures):
            yield self._wait(future, number)

    def _wait(self, future: Future[Path], number: int) -> Path:
        while True:
            done = self._count.value
            message = f"{done} of {self._total} students" if done else "workers load the models"
            self._progress.update(done, self._total, message)
            try:
                return future.result(timeout=POLL)
            except Late:
                continue
            except BrokenProcessPool as error:
                raise DeepVIDError(
                    "A worker process lives until its batch of students is written",
                    f"one was killed, by hand or for want of memory, while batch {number + 1} "
                    f"of {len(self._tasks)} was fitted",
                    "Nothing committed is lost: run the same command again to continue",
                ) from error


def _staff(run: Path, tasks: int, programs: str) -> tuple[Executor, Any, Any]:
    """An executor whose workers are ready for `_fit`, the event that stops them, and their counter.

    What they compile they share in the folder `programs`.
    """
    import jax

    context = multiprocessing.get_context("spawn")
    count = context.Value("q", 0)
    if jax.default_backend() != "cpu":
        stop: Any = threading.Event()
        _begin(_Place(run, stop, count))
        return ThreadPoolExecutor(1), stop, count
    stop = context.Event()
    cores = _cores()[: max(1, tasks)]
    seats = context.SimpleQueue()
    for seat in enumerate(cores):
        seats.put(seat)
    locks = tuple(context.Lock() for _ in range(PROGRAMS)) if len(cores) > 1 else ()
    executor = ProcessPoolExecutor(
        len(cores),
        mp_context=context,
        initializer=_begin_process,
        initargs=(run, stop, count, seats, programs, locks),
    )
    return executor, stop, count


def _cores() -> list[int]:
    if sys.platform == "linux":
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


class _Place(NamedTuple):
    """What a worker keeps between tasks."""

    run: Path
    stop: Any
    count: Any
    number: int = 0
    locks: tuple[Any, ...] = ()  # of the programs, until the worker has compiled them


_place: _Place | None = None


def _begin_process(
    run: Path, stop: Any, count: Any, seats: Any, programs: str, locks: tuple[Any, ...]
) -> None:
    """First thing in a new process, before anything imports JAX."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the owner, which sets `stop`
    number, core = seats.get()
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", programs)
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.1")
    os.environ.update(dict.fromkeys(THREADS, "1"))
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {XLA_SINGLE_THREAD}".strip()
    if sys.platform == "linux":
        os.sched_setaffinity(0, {core})
    end_with_parent()
    _begin(_Place(run, stop, count, number, locks))


def _begin(place: _Place) -> None:
    global _place
    _place = place


def _fit(task: "Task") -> Path:
    from deepvid.pipeline.batch import compile_in_turns, write_batch

    assert _place is not None
    place, reported = _place, 0

    def count(tick: Tick) -> None:
        nonlocal reported
        done = int(len(task.samples) * tick.done / tick.total)
        with place.count.get_lock():
            place.count.value += done - reported
        reported = done

    progress = Progress(count, place.stop)
    if place.locks:
        compile_in_turns(place.run, task, place.number, place.locks, progress)
        _begin(place._replace(locks=()))
    return write_batch(place.run, task, progress)
