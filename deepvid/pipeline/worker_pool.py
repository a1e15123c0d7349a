"""Worker processes that compute batches: one a core, single-threaded, pinned; on an accelerator one thread.

A worker begins each stage once (it loads the models of the run, say), writes batches under the run's `wip/`
and never takes its lock. It outlives a stage: the next one finds its programs compiled. One single-threaded
process a core is faster than one process with all threads (docs/decisions/student_cores.md).

Those of a cluster, on other machines, are in `deepvid.pipeline.cluster`: a stage never knows which it has.
"""

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from concurrent.futures.process import BrokenProcessPool
from functools import cache, partial
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

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


class WrittenBatch(NamedTuple):
    """A batch that is written and not committed yet."""

    path: Path  # under the run's `wip/`
    computed: Mapping[str, Any]  # on what: `computer` says it


class BatchFuture(Protocol):
    """A batch that is being computed, as a future of `concurrent.futures` tells of it."""

    def result(self, timeout: float | None = None) -> WrittenBatch:
        """Waits for it. Raises TimeoutError, what a worker raised, and BrokenProcessPool where one died."""

    def done(self) -> bool:
        """Whether nothing computes it any more."""


class Workers(Protocol):
    """Whoever computes one stage of a run after another. As a context: leaving ends them."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...

    def submit(self, run: Path, work: Work, batches: Sequence[Batch]) -> Sequence[BatchFuture]:
        """Begins with the batches of a stage."""

    def status(self) -> tuple[int, str]:
        """Items of this stage that are computed, and who computes it, for a person."""

    def end(self) -> None:
        """Ends them, whatever they do; those of a later stage begin anew."""


class Processes:
    """The processes that compute one stage of a run after another, begun where they are needed."""

    def __init__(self) -> None:
        self.stop, self.count = SPAWN.Event(), SPAWN.Value("q", 0)
        self._executor: ProcessPoolExecutor | None = None
        self._processes: set[Any] = set()
        self._stages = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def submit(self, run: Path, work: Work, batches: Sequence[Batch]) -> list[Future[WrittenBatch]]:
        """Begins with the batches of a stage: with a worker for each of them, but at most one a core."""
        self._stages += 1
        self.count.value = 0
        # As bytes: whoever unpickles the functions imports JAX.
        stage = _Sent(self._stages, run, pickle.dumps(work))
        if wait([process.sentinel for process in self._processes], timeout=0):
            self.end()  # one was killed while there was nothing to do, which its executor may not know yet
        try:
            return self._submit(stage, batches)
        except BrokenProcessPool:
            self.end()
            return self._submit(stage, batches)

    def _submit(self, stage: "_Sent", batches: Sequence[Batch]) -> list[Future[WrittenBatch]]:
        if self._executor is None:
            cores, free = worker_cores(), SPAWN.SimpleQueue()
            for core in cores:
                free.put(core)
            self._executor = ProcessPoolExecutor(
                len(cores), SPAWN, initializer=_begin_process, initargs=(self.stop, self.count, free)
            )
        before = set(multiprocessing.active_children())
        with without_script():
            futures = [self._executor.submit(_compute, stage, batch) for batch in batches]
        self._processes |= set(multiprocessing.active_children()) - before
        return futures

    def status(self) -> tuple[int, str]:
        return self.count.value, ""

    def end(self) -> None:
        """Ends them. Nobody waits for what they still do, or for one whose neighbor was killed with the
        queue's lock.
        """
        if self._executor is None:
            return
        self.stop.set()
        self._executor.shutdown(wait=False, cancel_futures=True)
        end = time.monotonic() + LAST
        for process in self._processes:
            process.join(max(0.0, end - time.monotonic()))
            process.kill()
            process.join()
        self._executor, self._processes, self.stop = None, set(), SPAWN.Event()


class ThisThread:
    """A thread of this process in the place of workers."""

    def __init__(self) -> None:
        self.stop, self.count = threading.Event(), SPAWN.Value("q", 0)
        self._executor = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def submit(self, run: Path, work: Work, batches: Sequence[Batch]) -> list[Future[WrittenBatch]]:
        stage = _Stage(run, work, self.stop, self.count)
        return [self._executor.submit(stage.compute, batch) for batch in batches]

    def status(self) -> tuple[int, str]:
        return self.count.value, ""

    def end(self) -> None:
        self.stop.set()
        self._executor.shutdown(cancel_futures=True)


class WorkerPool:
    """Computes the batches of a stage in parallel and hands them over in order.

    As a context: leaving it early, or with workers that were begun for it, ends them.
    """

    def __init__(
        self,
        run: Path,
        work: Work,
        batches: Sequence[Batch],
        progress: Progress,
        workers: Workers | None = None,
    ) -> None:
        self._run, self._work, self._batches, self._progress = run, work, batches, progress
        self._total = sum(len(batch.items) for batch in batches)
        self._futures: Sequence[BatchFuture] = []
        self._own = workers is None
        self._workers: Workers = workers or Processes()

    def __enter__(self) -> Self:
        import jax

        if self._work.here or (isinstance(self._workers, Processes) and jax.default_backend() != "cpu"):
            self._own, self._workers = True, ThisThread()
        self._futures = self._workers.submit(self._run, self._work, self._batches)
        return self

    def __exit__(self, *_: object) -> None:
        if self._own or not all(future.done() for future in self._futures):
            self._workers.end()

    def written(self) -> Iterator[WrittenBatch]:
        """Each batch, in order. Raises what a worker raised, or `Cancelled`."""
        for number, future in enumerate(self._futures):
            yield self._wait(future, number)

    def _wait(self, future: BatchFuture, number: int) -> WrittenBatch:
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
        done, who = self._workers.status()
        words = [f"{done:,} of {self._total:,} {self._work.family}", who] if done else [who, "loading models"]
        self._progress.update(min(done, self._total), self._total, ", ".join(filter(None, words)))


def computer() -> dict[str, Any]:
    """Processor, device and JAX of this process, if it has imported that: bytes of a batch depend on them."""
    if (jax := sys.modules.get("jax")) is None:
        return {}
    from deepvid.store import processor

    return {
        "processor": processor(),
        "device": jax.devices()[0].device_kind,
        "jax": jax.__version__,
        "threads": len(worker_cores()),
    }


def worker_cores() -> list[int]:
    """The cores that may be used: a worker each."""
    if sys.platform == "linux":
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


class _Sent(NamedTuple):
    """A stage as workers get it."""

    number: int  # among those of its run: each finds in the run what was committed before it
    run: Path
    work: bytes


class _Stage:
    """A stage in a worker. It begins at its first task, so that what is raised reaches the owner."""

    def __init__(self, run: Path, work: Work, stop: Any, count: Any) -> None:
        self._run, self._work, self._stop, self._count = run, work, stop, count
        self._begun = cache(partial(work.begin, run))

    def compute(self, batch: Batch) -> WrittenBatch:
        from deepvid.store import write_wip

        reported = 0

        def count(tick: Tick) -> None:
            nonlocal reported
            done = int(len(batch.items) * tick.done / tick.total)
            with self._count.get_lock():
                self._count.value += done - reported
            reported = done

        progress = Progress(count, self._stop)
        progress.check()
        with progress.active():
            group = self._work.task(self._begun(), batch, progress)
        progress.update(1, 1)  # all of it, whatever the task said last
        return WrittenBatch(write_wip(self._run, self._work.family, group), computer())


_shared: tuple[Any, Any] | None = None  # the event that stops workers, and their counter
_stage: tuple[int, _Stage] | None = None  # the last one, and its number


def keep_to_core(core: int | None) -> None:
    """Makes this process single-threaded, on one core or, of None, on those it has; before it imports JAX."""
    os.environ.update(dict.fromkeys(THREADS, "1"))
    add_flag(SINGLE_THREAD)
    if core is not None and sys.platform == "linux":
        os.sched_setaffinity(0, {core})


def _begin_process(stop: Any, count: Any, free: Any) -> None:
    """First thing in a new process, before anything imports JAX."""
    global _shared
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the owner, which sets `stop`
    keep_to_core(free.get())
    end_with_parent()
    _shared = stop, count


def _compute(sent: _Sent, batch: Batch) -> WrittenBatch:
    global _stage
    assert _shared is not None
    if _stage is None or _stage[0] != sent.number:
        _stage = None  # its models make room
        _stage = sent.number, _Stage(sent.run, pickle.loads(sent.work), *_shared)
    return _stage[1].compute(batch)
