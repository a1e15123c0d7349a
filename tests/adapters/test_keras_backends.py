"""The tests of Keras, on each other backend that is installed: a process has one for its life."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

TESTS = Path(__file__).parents[1]
FILES = (
    "adapters/test_keras.py",
    "adapters/test_same_network.py",
    "adapters/test_same_students.py",
    "unit/logger/test_logger_models.py",
    "unit/test_own_models.py",
)


@pytest.mark.parametrize("backend", ["jax", "tensorflow", "torch"])
def test_the_tests_of_keras(backend: str) -> None:
    for package in ("keras", backend):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    if backend == os.environ.get("KERAS_BACKEND", "jax"):
        pytest.skip(f"these tests themselves run on {backend}")
    files = [str(TESTS / file) for file in FILES]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "keras", *files],
        capture_output=True,
        text=True,
        env={**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": ":".join(sys.path)},
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
