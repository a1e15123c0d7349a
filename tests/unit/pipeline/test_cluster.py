"""Workers of a Dask cluster: the pool's bytes, whoever dies; and each fault in words."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from threading import Event, Thread

import dask
import psutil
import pytest
import squares as toy
from own_core import every_core
from serving import free_port, listens, wait_until
from square_stage import contents, ensure, run, squares

from deepvid import config
from deepvid.config import experiment_from
from deepvid.errors import Cancelled, DeepVIDError, StoreError, UserError
from deepvid.pipeline import cluster, cluster_worker
from deepvid.pipeline.cluster import Cluster
from deepvid.pipeline.explanations import explanations_stage
from deepvid.pipeline.runner import RunOptions, extend_run, run_experiment
from deepvid.pipeline.students import students_stage
from deepvid.pipeline.worker_pool import Batch, Processes, Work
from deepvid.store import RunWriter, open_run

MANY = range(150)
TESTS = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _every_core() -> Iterator[None]:
    with every_core():
        yield


@contextmanager
def process(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m` a command, ended with the context."""
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    started = subprocess.Popen([sys.executable, "-m", *command], env=environment)
    try:
        yield started
    finally:
        started.send_signal(signal.SIGINT)
        try:
            started.wait(20)
        finally:
            started.kill()


@contextmanager
def scheduler() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Dask's own, and its address."""
    port = free_port()
    command = ("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    with process(*command) as started:
        wait_until(lambda: listens(port), timeout=60)
        yield f"tcp://127.0.0.1:{port}", started


def workers_of(parent: int) -> list[psutil.Process]:
    """The processes that compute, below a process."""
    below = psutil.Process(parent).children(recursive=True)
    return [one for one in below if "spawn_main" in " ".join(one.cmdline())]


def digests(writer: RunWriter) -> list[str]:
    return [batch.digest for batch in writer.run.batches("squares")]


@pytest.fixture(scope="module")
def pools(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Digests of what a pool of processes makes of many numbers."""
    with every_core(), run(tmp_path_factory.mktemp("pool"), "pool") as writer, Processes() as workers:
        ensure(writer, squares(MANY), workers=workers)
        return digests(writer)


def test_two_workers_write_the_bytes_of_a_pool_and_one_is_begun_for_all_stages(
    tmp_path: Path, pools: list[str]
) -> None:
    with run(tmp_path, "one") as writer, Cluster("local:2") as workers:
        ensure(writer, squares(MANY), workers=workers)
        assert digests(writer) == pools
        there = set(workers_of(os.getpid()))
        ensure(writer, squares([3], power=3), workers=workers)
        assert set(workers_of(os.getpid())) == there
    wait_until(lambda: not any(one.is_running() for one in there))


def test_a_worker_of_a_command_computes_over_tcp_and_may_die(tmp_path: Path, pools: list[str]) -> None:
    """Killed once its first batch is home: another takes its place, and nothing is lost or twice there."""
    with (
        scheduler() as (address, _),
        process("deepvid", "worker", address, "--cores", "1") as worker,
        run(tmp_path, "one") as writer,
        Cluster(address) as workers,
    ):
        killed: list[int] = []

        def kill() -> None:
            wait_until(lambda: contents(writer.run), timeout=60)
            (one,) = workers_of(worker.pid)
            killed.append(one.pid)
            one.kill()

        killer = Thread(target=kill)
        killer.start()
        ensure(writer, squares(MANY, task=toy.slow_task), workers=workers)
        killer.join()
        assert killed
        assert digests(writer) == pools


def test_one_that_is_stopped_is_done_without(tmp_path: Path, pools: list[str]) -> None:
    with (
        dask.config.set({"distributed.scheduler.worker-ttl": "3s"}),
        run(tmp_path, "one") as writer,
        Cluster("local:2") as workers,
    ):

        def stop() -> None:
            wait_until(lambda: contents(writer.run), timeout=60)
            workers_of(os.getpid())[0].send_signal(signal.SIGSTOP)

        stopper = Thread(target=stop)
        stopper.start()
        ensure(writer, squares(MANY, task=toy.slow_task), workers=workers)
        stopper.join()
        assert digests(writer) == pools


def test_a_batch_that_ends_three_workers_is_named_and_what_was_before_it_stays(tmp_path: Path) -> None:
    with run(tmp_path, "one") as writer, Cluster("local:1") as workers:
        with pytest.raises(DeepVIDError, match=r"batch 2 of 8 ended 3 of them, the last at tcp://"):
            ensure(writer, squares(MANY, task=toy.deadly_task), workers=workers)
        assert list(contents(writer.run).values()) == [list(range(32))]


def test_what_a_worker_raises_reaches_the_owner(tmp_path: Path) -> None:
    with run(tmp_path, "one") as writer, Cluster("local:1") as workers:
        with pytest.raises(ValueError, match="a worker began in one-0123abcd"):
            ensure(writer, squares([1], begin=toy.refuse), workers=workers)
        (asked,) = workers.submit(Path("/nowhere"), Work("squares", toy.begin, toy.task), BATCH)
        with pytest.raises(StoreError, match=r"(?s)nowhere is not there at tcp://.*Share its folder"):
            asked.result(60)


BATCH = [Batch(toy.Squares(), 0, "0" * 8, (1, 2))]


def test_other_versions_are_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = cluster.versions()
    with run(tmp_path, "one") as writer, Cluster("local:1") as workers:
        monkeypatch.setattr(cluster, "versions", lambda: {**own, "jax": "0.1", "numpy": "1.0"})
        with pytest.raises(
            DeepVIDError, match=f"jax {own['jax']}, not 0.1 and numpy {own['numpy']}, not 1.0"
        ):
            ensure(writer, squares([1]), workers=workers)


@pytest.mark.parametrize(
    "text",
    ["nonsense", "local:0", "local:x", "tcp://host", "http://host:8786", "tcp://:8786", "", "local:1 "],
)
def test_nonsense_is_no_address(text: str) -> None:
    with pytest.raises(UserError, match="--scheduler is an address"):
        cluster.require_scheduler(text)


def test_more_workers_than_cores_and_gpus_that_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="99 workers and"):
        cluster_worker.cores(99)
    monkeypatch.setenv(cluster_worker.VISIBLE, "")
    with pytest.raises(UserError, match=r"none of GPUs \(none\)"):
        cluster_worker.gpus()
    monkeypatch.setenv(cluster_worker.VISIBLE, "2,5")
    assert [spec["env"][cluster_worker.VISIBLE] for spec in cluster_worker.gpus()] == ["2", "5"]
    with pytest.raises(UserError, match="3 of GPUs 2, 5"):
        cluster_worker.gpus(3)


@pytest.mark.parametrize("port", [0, 99999], ids=["free", "no port"])
def test_nobody_at_the_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.setattr(cluster, "ANSWER", 1.0)
    address = f"tcp://127.0.0.1:{port or free_port()}"
    with (
        run(tmp_path, "one") as writer,
        Cluster(address) as workers,
        pytest.raises(DeepVIDError, match=f"none at {address}"),
    ):
        ensure(writer, squares([1]), workers=workers)


def test_a_scheduler_without_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 1.0)
    with scheduler() as (address, _), run(tmp_path, "one") as writer, Cluster(address) as workers:
        begun = time.monotonic()
        with pytest.raises(DeepVIDError, match=f"Begin some: deepvid worker {address}"):
            ensure(writer, squares([1]), workers=workers)
        assert time.monotonic() - begun < 20


def test_a_scheduler_that_is_killed_loses_nothing_committed(tmp_path: Path) -> None:
    with ExitStack() as opened:
        address, started = opened.enter_context(scheduler())
        opened.enter_context(process("deepvid", "worker", address, "--cores", "1"))
        writer = opened.enter_context(run(tmp_path, "one"))
        workers = opened.enter_context(Cluster(address))

        def kill() -> None:
            wait_until(lambda: contents(writer.run), timeout=60)
            started.kill()

        killer = Thread(target=kill)
        killer.start()
        with pytest.raises(DeepVIDError, match="A scheduler is there until the last batch is"):
            ensure(writer, squares(MANY, task=toy.slow_task), workers=workers)
        killer.join()
        first = contents(writer.run)
        assert first
        workers.end()
        ensure(writer, squares(MANY))
        assert first.items() <= contents(writer.run).items()
        assert sorted(chain(*contents(writer.run).values())) == list(MANY)


def in_thread(work: Callable[[], object]) -> Thread:
    thread = Thread(target=work)
    thread.start()
    return thread


def test_two_owners_share_workers_and_who_gives_up_stops_its_own_only(
    tmp_path: Path, pools: list[str]
) -> None:
    """Ctrl-C for one: its batches end at their next report, and the other's go on."""
    with (
        scheduler() as (address, _),
        process("deepvid", "worker", address, "--cores", "2"),
        run(tmp_path, "one") as one,
        run(tmp_path, "two") as two,
        Cluster(address) as first,
        Cluster(address) as second,
    ):
        cancel = Event()
        raised: list[BaseException] = []

        def give_up() -> None:
            try:
                ensure(one, squares(range(2000), task=toy.slow_task), workers=first, cancel=cancel)
            except Cancelled as error:
                raised.append(error)

        thread = in_thread(give_up)
        wait_until(lambda: contents(one.run), timeout=60)
        cancel.set()
        thread.join(20)
        assert raised
        ensure(two, squares(MANY), workers=second)
        assert digests(two) == pools


MICRO = {
    "name": "micro",
    "dataset": {"train": 20, "test": 200},
    "teacher": {"network": {"kind": "mlp", "hidden": [4]}, "epochs": 1, "batch": 20},
    "vae": {"latent": 2, "width": 2, "hidden": 4, "epochs": 1, "batch": 20},
    "projections": [],
    "students": {"limit": 1, "neighbors": 100, "gradient_neighbors": 0},
    "explanations": {"limit": 0},
    "causes": {"limit": 0},
}


EXPLANATIONS = config.Explanations(limit=4, methods=("student", "random"), judged=0.0)


class Silent:
    def began(self, *_: object) -> None: ...
    def ticked(self, *_: object) -> None: ...
    def ended(self, *_: object) -> None: ...


def batches(run: Path) -> dict[str, str]:
    """Digests of what it has of students and explanations, by name."""
    found = open_run(run)
    return {one.name: one.digest for one in [*found.batches("students"), *found.batches("explanations")]}


@pytest.mark.long
def test_students_and_explanations_are_the_pools_though_their_owner_was_killed(tmp_path: Path) -> None:
    """Their lines say on what each was computed. Whoever is killed with -9 leaves no worker behind."""
    experiment = experiment_from(MICRO)
    pool = run_experiment(experiment, tmp_path / "pool", RunOptions(Silent(), Event()))
    own = Path(shutil.copytree(pool, tmp_path / "cluster" / pool.name))
    begun = batches(own)
    students = experiment.students.replaced(limit=100)
    command = ("deepvid", "fit-students", str(own), "--limit", "100", "--scheduler", "local:1")
    with process(*command) as owner:
        wait_until(lambda: batches(own) != begun, timeout=120)
        left = workers_of(owner.pid)
        owner.kill()
        owner.wait()
        wait_until(lambda: not any(one.is_running() for one in left), timeout=30)
    stages = [
        students_stage(students, seed=experiment.seed),
        explanations_stage(EXPLANATIONS, students, seed=experiment.seed),
    ]
    for path, scheduler in ((pool, None), (own, "local:1")):
        extend_run(path, stages, RunOptions(Silent(), Event(), scheduler=scheduler))
    assert batches(own) == batches(pool)
    assert len(batches(own)) > len(begun) + 4
    lines = [line for path in (pool, own) for line in open_run(path).commits if line.name in batches(own)]
    assert {tuple(line.details["computed"]) for line in lines} == {("processor", "device", "jax", "threads")}
    assert {line.details["computed"]["threads"] for line in lines} == {1}
