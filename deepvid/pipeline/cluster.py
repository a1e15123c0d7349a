"""Workers of a Dask cluster, on other machines or on cores of this one, in place of a pool's processes.

A worker opens the run where it lies, only reads it, and sends home what it has computed; the lock's owner
writes that and commits it, in order. So no worker may write anywhere, and the bytes are those of the pool.
Source: Rocklin (2015), Dask: parallel computation with blocked algorithms and task scheduling.
"""

import asyncio
import os
import pickle
import platform
import re
import sys
import time
import uuid
from collections.abc import Sequence
from contextlib import ExitStack
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from deepvid.errors import DeepVIDError, MissingExtraError, StoreError, UserError
from deepvid.pipeline.worker_pool import THREADS, Batch, Work, Written, computer, worker_cores
from deepvid.progress import Progress, Tick
from deepvid.spawning import without_script
from deepvid.xla import SINGLE_THREAD

if TYPE_CHECKING:
    import xarray as xr
    from distributed import Client, Future

SCHEDULER = re.compile(r"local:([1-9]\d{0,2}|gpu)|(tcp|tls|ws|wss)://[^\s/]+:\d{1,5}")
AHEAD = 2  # batches a worker is given before they are asked for: results wait where they were computed
ANSWER = 10.0  # seconds until a scheduler has answered
PATIENCE = 30.0  # seconds without one worker
LOOK = 2.0  # seconds between looks at the workers
TRIES = 3  # of a batch whose worker dies, on a cluster of our own
REPORT = 0.5  # seconds between reports of a worker
GOES_ON = "Nothing committed is lost: run the same command again to continue"
VISIBLE = "CUDA_VISIBLE_DEVICES"
DEVICE = re.compile(r"nvidia\d+")


def require_scheduler(text: str) -> str:
    """Raises UserError for what is no address of a scheduler; nothing is opened."""
    if not SCHEDULER.fullmatch(text):
        raise UserError(
            "--scheduler is an address, as tcp://HOST:8786, or local:N for N cores of this machine, "
            "or local:gpu",
            repr(text),
            "Give one, or leave --scheduler out",
        )
    require_dask("--scheduler")
    return text


def require_dask(what: str) -> None:
    """Raises MissingExtraError where Dask's scheduler and workers are not installed."""
    if find_spec("distributed") is None:
        raise MissingExtraError.of(what, "cluster", "distributed")


class Cluster:
    """The workers at a scheduler, asked for where there is something to compute.

    As a context: leaving ends what it has begun; workers that were there before stay.
    """

    def __init__(self, scheduler: str) -> None:
        self._scheduler = scheduler
        self._opened = ExitStack()
        self._client: Client | None = None
        self._topic = f"deepvid-{uuid.uuid4().hex}"  # of this owner: others may use the same workers
        self._stages = 0
        self._reported: dict[int, int] = {}  # items that are done, by batch of this stage
        self._seen, self._looked, self._last = 0, 0.0, time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def submit(self, run: Path, work: Work, batches: Sequence[Batch]) -> Sequence["_Remote"]:
        """Begins with the batches of a stage. Raises DeepVIDError where no scheduler answers."""
        if self._client is None:
            self._client = self._open()
        self._stages += 1
        self._reported, self._last = {}, time.monotonic()
        sent = _Sent(f"{self._topic}-{self._stages}", str(run.resolve()), pickle.dumps(work), versions())
        pending = [_Remote(self, sent, number, batch, work.family) for number, batch in enumerate(batches)]
        for one in pending:
            one.all = pending
        return pending

    def status(self) -> tuple[int, str]:
        count = self.workers()
        return sum(self._reported.values()), f"{count or 'no'} worker{'s' * (count != 1)}"

    def end(self) -> None:
        self._opened.close()  # the client gives back what it has asked for: workers stop at their next report
        self._client = None

    def workers(self) -> int:
        """How many there are. Raises DeepVIDError where there has been none for a while."""
        assert self._client is not None
        now = time.monotonic()
        if now - self._looked >= LOOK:
            self._looked = now
            try:
                self._seen = len(self._client.scheduler_info(n_workers=-1)["workers"])
            except OSError as error:
                raise _gone(error) from error
        if self._seen:
            self._last = now
        elif now - self._last > PATIENCE:
            raise DeepVIDError(
                "A scheduler has workers",
                f"none at {self._scheduler} for {PATIENCE:.0f} s",
                f"Begin some: deepvid worker {self._scheduler}. Nothing committed is lost",
            )
        return self._seen

    def ask(self, sent: "_Sent", number: int, batch: Batch) -> "Future":
        """Has a worker compute a batch; earlier ones first."""
        assert self._client is not None
        return self._client.submit(
            compute,
            sent,
            batch,
            number,
            self._topic,
            pure=False,
            priority=-number,
            key=f"{sent.stage}-{number}",
        )

    def _open(self) -> "Client":
        from distributed import Client, SpecCluster

        address: Any = self._scheduler
        kind, _, number = self._scheduler.partition(":")
        try:
            if kind == "local":
                specs = gpus() if number == "gpu" else cores(int(number))
                with without_script():
                    address = self._opened.enter_context(_own_cluster(SpecCluster, specs))
            client: Client = self._opened.enter_context(Client(address, timeout=ANSWER, set_as_default=False))
        except (OSError, ValueError, OverflowError) as error:  # the last: of a port
            self.end()
            raise DeepVIDError(
                "A scheduler answers at its address",
                f"none at {self._scheduler}: {error}",
                "Begin one, dask scheduler, and workers, deepvid worker ADDRESS; or leave --scheduler out",
            ) from error
        client.subscribe_topic(self._topic, self._hear)
        return client

    def _hear(self, event: Any) -> None:
        _, (stage, number, done) = event
        if stage == f"{self._topic}-{self._stages}":
            self._reported[number] = done


def _gone(error: Exception) -> DeepVIDError:
    return DeepVIDError("A scheduler is there until the last batch is", str(error), GOES_ON)


class _Sent(NamedTuple):
    """A stage as workers get it."""

    stage: str  # no other has its name: each worker begins it once
    run: str
    work: bytes  # whoever unpickles it imports JAX, which a scheduler need not have
    versions: dict[str, str]


class _Remote:
    """A batch of a cluster, asked for when its turn is near."""

    def __init__(self, cluster: Cluster, sent: _Sent, number: int, batch: Batch, family: str) -> None:
        self._cluster, self._sent, self._number, self._batch = cluster, sent, number, batch
        self._family = family
        self._future: Future | None = None
        self._ended = False
        self.all: Sequence[_Remote] = ()

    def ask(self) -> None:
        if self._future is None:
            self._future = self._cluster.ask(self._sent, self._number, self._batch)

    def done(self) -> bool:
        return self._ended

    def result(self, timeout: float | None = None) -> Written:
        """Writes what came home. Raises TimeoutError, what a worker raised, and DeepVIDError."""
        from distributed.client import FutureCancelledError
        from distributed.comm import CommClosedError
        from distributed.scheduler import KilledWorker

        from deepvid.store import write_wip

        for one in self.all[self._number : self._number + AHEAD * max(1, self._cluster.workers())]:
            one.ask()
        assert self._future is not None
        try:
            group, computed = self._future.result(timeout)
        except KilledWorker as error:
            raise DeepVIDError(
                f"A worker lives until its batch of {self._family} is computed",
                f"batch {self._number + 1} of {len(self.all)} ended {error.allowed_failures + 1} of them, "
                f"the last at {error.last_worker.address}",
                f"Look there for lack of memory. {GOES_ON}",
            ) from error
        except (FutureCancelledError, CommClosedError) as error:
            raise _gone(error) from error
        except ModuleNotFoundError as error:
            raise DeepVIDError(
                "Every worker has what its owner has installed", f"{error} there", "Install it there, too"
            ) from error
        self._ended, self._future = True, None  # it goes from its worker
        return Written(write_wip(Path(self._sent.run), self._family, group), computed)


_begun: tuple[str, Any] | None = None  # in a worker: the last stage, and what its batches are computed with


def compute(sent: _Sent, batch: Batch, number: int, topic: str) -> "tuple[xr.Dataset, dict[str, Any]]":
    """In a worker: what a batch is, and on what it was computed."""
    global _begun
    from distributed import get_worker

    worker = get_worker()
    key = str(worker.get_current_task())
    if (own := versions()) != sent.versions:
        names = [name for name, version in sent.versions.items() if own.get(name) != version]
        raise DeepVIDError(
            "Workers have the versions of their owner",
            " and ".join(f"{name} {own.get(name)}, not {sent.versions[name]}" for name in names)
            + f" at {worker.address}",
            "Install the same there",
        )
    run = Path(sent.run)
    if not (run / "journal.jsonl").is_file():
        raise StoreError(
            "Every worker reads the run", f"{run} is not there at {worker.address}", "Share its folder"
        )
    work: Work = pickle.loads(sent.work)
    if _begun is None or _begun[0] != sent.stage:
        _begun = None  # its models make room
        _begun = sent.stage, work.begin(run)
    reported = 0.0

    def emit(tick: Tick) -> None:
        nonlocal reported
        if (now := time.monotonic()) - reported > REPORT or tick.done == tick.total:
            reported = now
            worker.log_event(topic, (sent.stage, number, int(len(batch.items) * tick.done / tick.total)))

    progress = Progress(emit, _GivenUp(worker, key))
    with progress.active():
        group = work.task(_begun[1], batch, progress)
    progress.update(1, 1)
    return group.load(), computer()


class _GivenUp(Event):
    """Whether nobody waits for a task any more, as the event that ends its work."""

    def __init__(self, worker: Any, key: str) -> None:
        super().__init__()
        self._tasks, self._key = worker.state.tasks, key

    def is_set(self) -> bool:
        task = self._tasks.get(self._key)
        return task is None or task.state == "cancelled"


def versions() -> dict[str, str]:
    """Versions that decide the bytes, by package."""
    return {
        "python": ".".join(platform.python_version_tuple()[:2]),
        **{name: metadata.version(name) for name in ("deepvid", "jax", "jaxlib", "numpy")},
    }


def cores(count: int) -> list[dict[str, Any]]:
    """Options of so many workers of one core each. Raises UserError where there are not as many."""
    if count > len(there := worker_cores()):
        raise UserError(
            "A worker has a core of its own",
            f"{count} workers and {len(there)} cores",
            f"Give at most {len(there)}",
        )
    env = {**dict.fromkeys(THREADS, "1"), "XLA_FLAGS": _single_threaded()}
    pinning = "deepvid.pipeline.pinning"  # before JAX counts cores: with more its sums have another order
    return [{"name": f"core-{core}", "env": env, "preload": [pinning]} for core in there[:count]]


def gpus(only: int | None = None) -> list[dict[str, Any]]:
    """Options of a worker for every GPU, or one. Raises UserError where there is none."""
    there = [str(number) for number in range(sum(map(_is_gpu, _devices())))]
    if VISIBLE in os.environ:
        there = [number for number in os.environ[VISIBLE].split(",") if number]
    if not there or (only is not None and str(only) not in there):
        raise UserError(
            "A worker has a GPU of its own",
            f"{'none' if only is None else only} of GPUs {', '.join(there) or '(none)'} of this machine",
            "Name one that is there, or compute on cores: --cores N",
        )
    return [
        {"name": f"gpu-{one}", "env": {VISIBLE: one}} for one in there if only is None or one == str(only)
    ]


def _devices() -> list[str]:
    return [file.name for file in Path("/dev").iterdir()] if sys.platform == "linux" else []


def _is_gpu(name: str) -> bool:
    return DEVICE.fullmatch(name) is not None


def _single_threaded() -> str:
    flags = os.environ.get("XLA_FLAGS", "")
    return flags if SINGLE_THREAD.partition("=")[0] in flags else f"{flags} {SINGLE_THREAD}".strip()


def _nanny(options: dict[str, Any]) -> dict[str, Any]:
    """A worker process and who begins it again, single-threaded: a stage is begun once in each."""
    return {**options, "nthreads": 1, "memory_limit": "auto", "silence_logs": "ERROR"}


def _own_cluster(kind: Any, specs: list[dict[str, Any]]) -> Any:
    import dask
    from distributed import Nanny, Scheduler

    with dask.config.set({"distributed.scheduler.allowed-failures": TRIES - 1}):
        return kind(
            scheduler={
                "cls": Scheduler,
                "options": {"host": "127.0.0.1", "dashboard": False, "dashboard_address": None},
            },
            workers={
                spec["name"]: {"cls": Nanny, "options": {**_nanny(spec), "host": "127.0.0.1"}}
                for spec in specs
            },
            silence_logs="ERROR",
        )


def serve_workers(address: str, specs: list[dict[str, Any]]) -> None:
    """Serves a scheduler with these workers until it or somebody ends them."""
    from distributed import Nanny

    async def serve() -> None:
        here = f"{platform.node()}-{os.getpid()}"  # a name is one worker's, of all machines
        named = [{**spec, "name": f"{here}-{spec['name']}"} for spec in specs]
        began = [Nanny(address, **_nanny(spec), death_timeout=ANSWER) for spec in named]
        try:
            await asyncio.gather(*began)
            await asyncio.gather(*(nanny.finished() for nanny in began))
        finally:
            await asyncio.gather(*(nanny.close() for nanny in began))

    asyncio.run(serve())
