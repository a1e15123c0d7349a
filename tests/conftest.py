"""What tests of several areas share: a store that the real pipeline makes once per test session."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

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
)


def pytest_configure(config: pytest.Config) -> None:
    """What JAX compiled once serves every process of the session: xdist workers, runs and their workers."""
    if "JAX_COMPILATION_CACHE_DIR" in os.environ:
        return  # the session's own, inherited
    folder = tempfile.mkdtemp(prefix="deepvid-tests-")
    os.environ["JAX_COMPILATION_CACHE_DIR"] = folder
    os.environ["JAX_PERSISTENT_COMPILATION_CACHE_MIN_COMPILE_TIME_SECS"] = "0.1"
    os.environ["JAX_PERSISTENT_COMPILATION_CACHE_MIN_ENTRY_SIZE_BYTES"] = "-1"
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


@pytest.fixture(scope="session")
def tiny_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one finished run of the embedded data set; read only. Shared by all xdist workers."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # one folder for all workers
    store = base / "tiny_store"
    with _one_process_at_a_time(base / "tiny_store.lock"):
        if not (base / "tiny_store.done").exists():
            _run_demo(store)
            (base / "tiny_store.done").touch()
    return store


@pytest.fixture(scope="session")
def tiny_run(tiny_store: Path) -> Path:
    """The directory of the one run in `tiny_store`."""
    (path,) = (path for path in tiny_store.iterdir() if path.is_dir())
    return path


def _run_demo(store: Path) -> None:
    """In a process of its own, as a person would; fails with what it printed."""
    command = [sys.executable, "-m", "deepvid", "run", "fashion_mnist_small", "--store", str(store)]
    settings = [argument for override in TINY for argument in ("--set", override)]
    done = subprocess.run([*command, *settings], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def zip_run() -> Callable[[Path, Path], Path]:
    """`zip_run(run, file)`: the least that is an archive, a run's files stored at the root of a zip."""

    def write(run: Path, file: Path) -> Path:
        kept = [run / "journal.jsonl", *sorted((run / "data.zarr").rglob("*"))]
        with zipfile.ZipFile(file, "w") as archive:
            for path in kept:
                if path.is_file():
                    archive.write(path, path.relative_to(run).as_posix())
        return file

    return write


@pytest.fixture(scope="session")
def tiny_archive(
    tiny_run: Path, zip_run: Callable[[Path, Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """An archive of the run in `tiny_store`."""
    return zip_run(tiny_run, tmp_path_factory.mktemp("archive") / f"{tiny_run.name}.zip")


@contextmanager
def _one_process_at_a_time(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        yield
