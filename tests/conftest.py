"""What tests of several areas share: a store that the real pipeline makes once per test session."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

# Small enough for half a minute, large enough that a map has shape and every class makes errors.
TINY = (
    "dataset.train=1000",
    "dataset.test=500",
    "teacher.epochs=2",
    "teacher.network={kind='resnet', depth=8, width=8}",
    "vae.epochs=2",
    "vae.latent=8",
    "vae.width=8",
    "students.limit=24",
    "students.neighbors=60",
    "students.gradient_neighbors=20",
)


@pytest.fixture(scope="session")
def tiny_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one finished run of the embedded data set; read only. Shared by all xdist workers."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # one folder for all workers
    store = base / "tiny_store"
    with _one_process_at_a_time(base / "tiny_store.lock"):
        if not (base / "tiny_store.done").exists():
            run_deepvid("run", "fashion_mnist_small", "--store", str(store), *settings(TINY))
            (base / "tiny_store.done").touch()
    return store


@pytest.fixture(scope="session")
def tiny_run(tiny_store: Path) -> Path:
    """The directory of the one run in `tiny_store`."""
    (path,) = (path for path in tiny_store.iterdir() if path.is_dir())
    return path


def settings(overrides: tuple[str, ...]) -> list[str]:
    """Overrides as arguments of `deepvid run`."""
    return [argument for override in overrides for argument in ("--set", override)]


def run_deepvid(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the command in a process of its own; fails with its output where it does not exit with 0."""
    command = [sys.executable, "-m", "deepvid", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@contextmanager
def _one_process_at_a_time(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        yield
