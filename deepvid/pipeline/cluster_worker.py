"""A worker of a Dask cluster: its core or GPU, the versions that it must have, and a batch.

Dask preloads this module where a worker has a core: before JAX counts cores, for with more of them its sums
have another order.
"""

import asyncio
import os
import pickle
import platform
import re
import sys
import time
from importlib import metadata
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, NamedTuple

from deepvid.errors import DeepVIDError, StoreError, UserError
from deepvid.pipeline.worker_pool import Batch, Work, computer, keep_to_core, worker_cores
from deepvid.progress import Progress, Tick

if TYPE_CHECKING:
    import xarray as xr

ANSWER = 10.0  # seconds until a scheduler has answered
REPORT = 0.5  # seconds between reports
VISIBLE = "CUDA_VISIBLE_DEVICES"
DEVICE = re.compile(r"nvidia\d+")


def dask_setup(worker: Any) -> None:
    """Keeps a worker named `core-3` to the fourth core, any other to one thread on what it has."""
    kind, _, number = str(worker.name).rpartition("-")
    keep_to_core(int(number) if kind.endswith("core") else None)


class SentStage(NamedTuple):
    """A stage as workers get it."""

    stage: str  # no other has its name: each worker begins it once
    run: str
    work: bytes  # whoever unpickles it imports JAX, which a scheduler need not have
    versions: dict[str, str]


_begun: tuple[str, Any] | None = None  # in a worker: the last stage, and what its batches are computed with


def compute(sent: SentStage, batch: Batch, number: int, topic: str) -> "tuple[xr.Dataset, dict[str, Any]]":
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
    return [{"name": f"core-{core}", "preload": [__name__]} for core in there[:count]]


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


def nanny(options: dict[str, Any]) -> dict[str, Any]:
    """A worker process and who begins it again, single-threaded: a stage is begun once in each."""
    return {**options, "nthreads": 1, "memory_limit": "auto", "silence_logs": "ERROR"}


def serve_workers(address: str, specs: list[dict[str, Any]]) -> None:
    """Serves a scheduler with these workers until it or somebody ends them."""
    from distributed import Nanny

    async def serve() -> None:
        here = f"{platform.node()}-{os.getpid()}"  # a name is one worker's, of all machines
        named = [{**spec, "name": f"{here}-{spec['name']}"} for spec in specs]
        began = [Nanny(address, **nanny(spec), death_timeout=ANSWER) for spec in named]
        try:
            await asyncio.gather(*began)
            await asyncio.gather(*(nanny.finished() for nanny in began))
        finally:
            await asyncio.gather(*(nanny.close() for nanny in began))

    asyncio.run(serve())
