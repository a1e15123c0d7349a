"""A toy run: three images, two classes, a series of one number an epoch."""

import os
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import numpy as np
import pytest
import xarray as xr

from deepvid.store import RunWriter, open_writer

TESTS = Path(__file__).parents[2]
RUN = "toy-0123abcd"
CONFIG = {"name": "toy", "seed": 3}
KEYS = [letter * 64 for letter in "abcdef"]


@pytest.fixture
def images() -> xr.Dataset:
    """Three images of two pixels."""
    data = {
        "image": (("sample", "y", "x", "channel"), np.arange(6, dtype=np.uint8).reshape(3, 1, 2, 1)),
        "label": ("sample", np.array([0, 1, 1], np.int32)),
        "test": ("sample", np.array([False, False, True])),
    }
    return xr.Dataset(data, attrs={"class_names": ["bag", "shirt"]})


@pytest.fixture
def epoch() -> Callable[[float], xr.Dataset]:
    """One epoch in which every number is the given one."""

    def make(value: float) -> xr.Dataset:
        data = {
            "parameters": ("parameter", np.full(5, value, np.float32)),
            "test_logits": (("sample", "class"), np.full((2, 3), value, np.float32)),
        }
        return xr.Dataset(data, coords={"sample": ("sample", np.array([7, 8], np.int32))})

    return make


@pytest.fixture
def opened(tmp_path: Path) -> Callable[[], RunWriter]:
    """Opens the toy run, again and again the same one."""
    return lambda: open_writer(tmp_path, RUN, config=CONFIG, provenance={"host": "here"})


@pytest.fixture
def run_path(tmp_path: Path) -> Path:
    return tmp_path / RUN


@pytest.fixture
def python(tmp_path: Path) -> Any:
    """Starts a real Python with `store`, `RUN` and the toy's writer at hand; ends it with the test."""
    started: list[Popen[str]] = []
    prelude = f"""
        import sys, time
        import numpy as np, xarray as xr
        from deepvid.store import open_writer
        store, RUN, CONFIG = {str(tmp_path)!r}, {RUN!r}, {CONFIG!r}
        open_toy = lambda: open_writer(store, RUN, config=CONFIG, provenance={{}})
        say = lambda *words: print(*words, flush=True)
    """

    def start(script: str) -> Popen[str]:
        code = textwrap.dedent(prelude) + textwrap.dedent(script)
        environment = {**os.environ, "PYTHONPATH": str(TESTS)}
        process = Popen([sys.executable, "-c", code], stdin=PIPE, stdout=PIPE, text=True, env=environment)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def snapshot(run_path: Path) -> Callable[[], dict[str, bytes]]:
    """Every byte of the run that counts; what is only a convenience is left out."""

    def take() -> dict[str, bytes]:
        files = [path for path in run_path.rglob("*") if path.is_file()]
        kept = [path for path in files if path.name not in ("LOCK", "owner.json", "status.json")]
        return {path.relative_to(run_path).as_posix(): path.read_bytes() for path in kept}

    return take
