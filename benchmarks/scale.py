"""Do workers of a cluster compute students as fast as the pool's, and what does their owner pay for it?

The same students of one run, which is trained once and kept in the temporary folder, fitted into copies of it
by the pool of processes and by workers of Dask, on one core and on two, in turns. A rate is of the students
after the first batch, by the times of the journal: processes that begin and programs that compile are left
out. An owner of a local cluster has the scheduler in its process.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from statistics import median
from threading import Event
from typing import Any, NamedTuple

import psutil
from dashboard_models import STORE, trained
from records import Baseline, Record, arguments, at_most, higher_is_better, lower_is_better, show

from deepvid.config import Students
from deepvid.pipeline.runner import RunOptions, extend_run
from deepvid.pipeline.students import students_stage
from deepvid.store import open_run

CORES = sorted(os.sched_getaffinity(0))


class Way(NamedTuple):
    """Who computes."""

    cores: int
    scheduler: str | None  # None: the pool

    @property
    def name(self) -> str:
        kind = self.scheduler or "pool"
        return f"{kind}, {self.cores} core{'s' * (self.cores > 1)}"


class Fitted(NamedTuple):
    """Students a second, and CPU seconds of the owner and of its workers."""

    rate: float
    owner: float
    workers: float


class Listener:
    """Reads what workers have taken before they end."""

    workers = 0.0

    def began(self, *_: object) -> None: ...
    def ticked(self, *_: object) -> None: ...

    def ended(self, stage: str, outcome: str, seconds: float, metrics: Mapping[str, Any]) -> None:
        for child in psutil.Process().children(recursive=True):
            times = child.cpu_times()
            self.workers += times.user + times.system


def fitted(run: Path, way: Way, students: int) -> Fitted:
    """Fits them into a copy of the run."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copytree(run, Path(folder) / run.name))
        before = len(open_run(path).commits)
        os.sched_setaffinity(0, CORES[: way.cores])
        listener, begun = Listener(), time.process_time()
        stage = students_stage(Students(limit=students), seed=0)
        extend_run(path, stage, RunOptions(listener, Event(), scheduler=way.scheduler))
        owner = time.process_time() - begun
        os.sched_setaffinity(0, CORES)
        lines = [line for line in open_run(path).commits[before:] if line.kind == "stage"]
        first, last = (datetime.fromisoformat(line.time) for line in (lines[0], lines[-1]))
        count = sum(line.metrics["students"] for line in lines[1:])
        return Fitted(count / (last - first).total_seconds(), owner, listener.workers)


def measure(quick: bool) -> Iterator[Record]:
    """All records."""
    run = STORE / trained()
    ways = [Way(1, None), Way(1, "local:1")]
    if len(CORES) > 1:
        ways += [Way(2, None), Way(2, "local:2")]
    found: dict[Way, list[Fitted]] = {way: [] for way in ways}
    for _ in range(1 if quick else 3):
        for way in ways:
            found[way].append(fitted(run, way, 96 if quick else 256))
    rate = {way: median(one.rate for one in goes) for way, goes in found.items()}
    pool, local, *both = ways
    of_pool = Baseline(pool.name, rate[pool])
    yield higher_is_better(f"students, {pool.name}", rate[pool], "1/s")
    yield higher_is_better(f"students, {local.name}", rate[local], "1/s", of_pool, budget=0.95)
    if both:
        two, other = both
        gain = Baseline("the pool's gain", rate[two] / rate[pool])
        yield higher_is_better(f"students, {two.name}", rate[two], "1/s", of_pool)
        yield higher_is_better("gain of a second worker", rate[other] / rate[local], "x", gain, budget=0.95)
    owner, workers = (median(getattr(one, name) for one in found[local]) for name in ("owner", "workers"))
    of_workers = Baseline("its workers' CPU", workers)
    yield lower_is_better("the owner's CPU, local:1", owner, "s", of_workers, budget=at_most(0.02))


if __name__ == "__main__":
    options = arguments(__doc__)
    show(measure(options.quick), options)
