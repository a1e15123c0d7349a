"""Workers of a Dask cluster, on other machines or on cores of this one, in place of a pool's processes.

A worker opens the run where it lies, only reads it, and sends home what it has computed; the lock's owner
writes that and commits it, in order. So no worker may write anywhere, and the bytes are those of the pool.
Source: Rocklin (2015), Dask: parallel computation with blocked algorithms and task scheduling.
"""

import pickle
import re
import time
import uuid
from collections.abc import Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from deepvid.errors import DeepVIDError, MissingExtraError, UserError
from deepvid.pipeline.cluster_worker import ANSWER, SentStage, compute, cores, gpus, nanny, versions
from deepvid.pipeline.worker_pool import Batch, Work, WrittenBatch
from deepvid.spawning import without_script

if TYPE_CHECKING:
    from distributed import Client, Future

SCHEDULER = re.compile(r"local:([1-9]\d{0,2}|gpu)|(tcp|tls|ws|wss)://[^\s/]+:\d{1,5}")
AHEAD = 2  # batches a worker is given before they are asked for: results wait where they were computed
PATIENCE = 30.0  # seconds without one worker
LOOK = 2.0  # seconds between looks at the workers
TRIES = 3  # of a batch whose worker dies, on a cluster of our own
GOES_ON = "Nothing committed is lost: run the same command again to continue"


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

    def submit(self, run: Path, work: Work, batches: Sequence[Batch]) -> Sequence["_ClusterFuture"]:
        """Begins with the batches of a stage. Raises DeepVIDError where no scheduler answers."""
        if self._client is None:
            self._client = self._open()
        self._stages += 1
        self._reported, self._last = {}, time.monotonic()
        sent = SentStage(f"{self._topic}-{self._stages}", str(run.resolve()), pickle.dumps(work), versions())
        numbered = enumerate(batches)
        futures = [_ClusterFuture(self, sent, number, batch, work.family) for number, batch in numbered]
        for future in futures:
            future.all = futures
        return futures

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

    def ask(self, sent: SentStage, number: int, batch: Batch) -> "Future":
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


class _ClusterFuture:
    """A batch of a cluster, asked for when its turn is near."""

    def __init__(self, cluster: Cluster, sent: SentStage, number: int, batch: Batch, family: str) -> None:
        self._cluster, self._sent, self._number, self._batch = cluster, sent, number, batch
        self._family = family
        self._future: Future | None = None
        self._ended = False
        self.all: Sequence[_ClusterFuture] = ()

    def ask(self) -> None:
        if self._future is None:
            self._future = self._cluster.ask(self._sent, self._number, self._batch)

    def done(self) -> bool:
        return self._ended

    def result(self, timeout: float | None = None) -> WrittenBatch:
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
        return WrittenBatch(write_wip(Path(self._sent.run), self._family, group), computed)


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
                spec["name"]: {"cls": Nanny, "options": {**nanny(spec), "host": "127.0.0.1"}}
                for spec in specs
            },
            silence_logs="ERROR",
        )
