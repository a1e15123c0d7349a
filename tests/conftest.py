"""Fixtures that tests of several areas share: a store that the real pipeline makes once per test session."""

import ctypes
import gc
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import fsspec
import pytest
import suite
from archives import zipped
from hypothesis import HealthCheck, settings
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer
from once import once
from own_core import every_core, keep_to

from deepvid.store import open_run, write_archive
from deepvid.xla import WITHOUT_TRITON, add_flag, has_cuda

if TYPE_CHECKING:
    from micro_runs import MicroRuns

# How long a machine takes to draw an example says nothing about the product.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

UNOPTIMIZED = "JAX_DISABLE_MOST_OPTIMIZATIONS"
OLDER_EMITTERS = "--xla_cpu_use_fusion_emitters=false"  # a program compiles in half the time

# Small enough for half a minute, large enough that a map has shape and every class makes errors.
TINY = (
    "dataset.train=1000",
    "dataset.test=300",
    "teacher.epochs=3",
    "teacher.batch=32",
    "teacher.network={kind='resnet', depth=8, width=8}",
    "vae.epochs=3",
    "vae.batch=32",
    "vae.latent=8",
    "vae.width=8",
    "vae.hidden=64",
    "students.limit=24",
    "students.neighbors=60",
    "students.gradient_neighbors=20",
    "explanations.methods=['student', 'neighborhood_gradient', 'hirescam', 'random']",
    "explanations.judged=0.5",
    "time_travel=[]",  # tests of it have runs of their own
)


def pytest_configure(config: pytest.Config) -> None:
    """A program that JAX compiled once serves every process, xdist workers, runs and their workers, and later
    sessions: it is kept beside pytest's own cache. XLA optimizes only those of the real run (`tiny_store`):
    what runs once on a few pixels takes longer to optimize than to run.

    On a GPU every product is one of float32, as `deepvid.cores.use_cores` has it.
    """
    if "SUITE_GO" in os.environ:
        config.pluginmanager.register(suite)
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        keep_to(int(worker.removeprefix("gw")))
    if has_cuda():
        add_flag(WITHOUT_TRITON)
        os.environ.setdefault("JAX_DEFAULT_MATMUL_PRECISION", "float32")
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(config.rootpath / ".pytest_cache" / "jax"))
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
    os.environ.setdefault(UNOPTIMIZED, "1")
    add_flag(OLDER_EMITTERS)


def pytest_collection_finish() -> None:
    """Leaves what was imported out of every later collection."""
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """The same of all that is left: the collections of a process that ends take a minute."""
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever waits for the real run is long. One file that makes it comes first, then long ones that do
    without it: a worker that waits leaves a core idle.
    """

    def waits(item: pytest.Item) -> bool:
        return bool({"tiny_store", "tiny_run"} & set(getattr(item, "fixturenames", ())))

    long = {item.path for item in items if item.get_closest_marker("long")}
    waiting = [item for item in items if waits(item)]
    for item in waiting:
        item.add_marker(pytest.mark.long)
    paths = [item.path for item in waiting]

    def turn(item: pytest.Item) -> int:
        if item.path in paths:
            return 0 if item.path == paths[0] else 2
        return 1 if item.path in long else 3

    items.sort(key=turn)


@pytest.fixture(scope="module", autouse=True)
def _programs() -> Iterator[None]:
    """Programs that were compiled for a file go with it: kept, they grow to 5 GB a worker."""
    yield
    if "jax" in sys.modules:
        import jax  # waits where a thread of the page is still loading it

        jax.clear_caches()
        if sys.platform == "linux":
            ctypes.CDLL(None).malloc_trim(0)  # else the C library keeps most of what they took


@pytest.fixture(scope="session")
def session_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all xdist workers, where each looks for what another has made."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def tiny_store(session_folder: Path) -> Path:
    """A store with one finished run of the embedded data set; read only. Shared by all xdist workers."""
    return once(session_folder / "tiny_store", _run_demo)


@pytest.fixture(scope="session")
def micro_runs(session_folder: Path) -> "MicroRuns":
    """Runs of a few images, each trained when a test first asks for it."""
    from micro_runs import MicroRuns  # not before the session's compilation cache is set

    (session_folder / "micro_runs").mkdir(exist_ok=True)
    return MicroRuns(session_folder / "micro_runs")


@pytest.fixture(scope="session")
def tiny_run(tiny_store: Path) -> Path:
    """The directory of the one run in `tiny_store`."""
    (path,) = (path for path in tiny_store.iterdir() if path.is_dir())
    return path


def _run_demo(store: Path) -> None:
    """In a process of its own, as a person would; fails with what it printed."""
    command = [sys.executable, "-m", "deepvid", "run", "fashion_mnist_small", "--store", str(store)]
    settings = [argument for override in TINY for argument in ("--set", override)]
    environment = {**os.environ, UNOPTIMIZED: "0"}
    with every_core():
        done = subprocess.run([*command, *settings], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def zip_run() -> Callable[[Path, Path], Path]:
    """`zip_run(run, file)`: an archive of a run's folder, whatever became of its files."""
    return zipped


@pytest.fixture(scope="session")
def tiny_archive(tiny_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of the run in `tiny_store`."""
    file = tmp_path_factory.mktemp("archive") / f"{tiny_run.name}.zip"
    return write_archive(open_run(tiny_run), file)


class Bucket:
    """A bucket of a real S3 server on this machine, `s3://bucket`, which counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._server: ThreadedMotoServer | None = None
        self._port = 0

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Listens, where it listened before; what it holds has stayed."""
        if self._server is not None:
            return
        self._server = ThreadedMotoServer("127.0.0.1", self._port, verbose=False)
        self._server.start()
        self._port = self._server.get_host_and_port()[1]

    def stop(self) -> None:
        """Nobody answers any more."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def upload(self, source: Path, target: str) -> str:
        """Puts a file or a folder there; its address."""
        fs = fsspec.filesystem("s3", endpoint_url=self.endpoint)
        fs.put(
            f"{source}/" if source.is_dir() else str(source), f"bucket/{target}", recursive=source.is_dir()
        )
        self.asked.clear()
        return f"s3://bucket/{target}"


class _Asked(logging.Handler):
    """Keeps the request lines that the server logs."""

    def __init__(self, asked: list[str]) -> None:
        super().__init__()
        self._asked = asked

    def emit(self, record: logging.LogRecord) -> None:
        self._asked.append(re.sub(r"\x1b\[\d+m", "", record.getMessage()).split('"')[1])


@pytest.fixture(scope="session")
def s3_server() -> Iterator[Bucket]:
    """One for all tests that need it."""
    server = Bucket()
    yield server
    server.stop()


@pytest.fixture
def bucket(s3_server: Bucket, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """An empty bucket; s3:// addresses lead to it."""
    log = logging.getLogger("werkzeug")
    monkeypatch.setattr(log, "level", logging.INFO)
    monkeypatch.setattr(log, "propagate", False)
    handler = _Asked(s3_server.asked)
    log.addHandler(handler)
    s3_server.start()  # a test may have stopped it
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server.endpoint)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    fsspec.filesystem("s3").clear_instance_cache()  # of a bucket before this one
    fsspec.filesystem("s3", endpoint_url=s3_server.endpoint).mkdir("bucket")
    s3_server.asked.clear()
    yield s3_server
    log.removeHandler(handler)
    s3_backends.reset()
