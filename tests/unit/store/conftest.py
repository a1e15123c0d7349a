"""A toy run: three images, two classes, a series of one number an epoch."""

import os
import shutil
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import numpy as np
import pytest
import xarray as xr
from forged import rewrite_stage
from toy import KEYS, described

from deepvid.store import RunWriter, open_writer

TESTS = Path(__file__).parents[2]
RUN = "toy-0123abcd"
CONFIG = {"name": "toy", "seed": 3}


def toy_images() -> xr.Dataset:
    """Three images of two pixels."""
    data = {
        "image": (("sample", "y", "x", "channel"), np.arange(6, dtype=np.uint8).reshape(3, 1, 2, 1)),
        "label": ("sample", np.array([0, 1, 1], np.int32)),
        "test": ("sample", np.array([False, False, True])),
    }
    return xr.Dataset(data, attrs={"class_names": ["bag", "shirt"]})


def toy_epoch(value: float) -> xr.Dataset:
    """One epoch in which every number is the given one."""
    data = {
        "parameters": ("parameter", np.full(5, value, np.float32)),
        "test_logits": (("sample", "class"), np.full((2, 3), value, np.float32)),
    }
    return xr.Dataset(data, coords={"sample": ("sample", np.array([7, 8], np.int32))})


@pytest.fixture
def images() -> xr.Dataset:
    return toy_images()


@pytest.fixture
def own_images() -> xr.Dataset:
    """For a stage of a person's own."""
    return described(toy_images())


@pytest.fixture
def epoch() -> Callable[[float], xr.Dataset]:
    return toy_epoch


@pytest.fixture
def opened(tmp_path: Path) -> Callable[[], RunWriter]:
    """Opens the toy run, again and again the same one."""
    return lambda: open_writer(tmp_path, RUN, config=CONFIG, provenance={"host": "here"})


@pytest.fixture
def run_path(tmp_path: Path) -> Path:
    return tmp_path / RUN


@pytest.fixture(scope="session")
def written_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished toy run with everything a run can have: stages, a batch, a series, a training state."""
    logits = np.array([[2, 0], [0, 1], [1, 0]], np.float32)
    answers = {
        "logits": (("sample", "class"), logits),
        "parameters": ("parameter", np.arange(5, dtype=np.float32)),
    }
    dims = ("student", "fit", "class", "y", "x", "channel")
    weights = {"weights": (dims, np.ones((2, 1, 2, 1, 2, 1), np.float16))}
    store = tmp_path_factory.mktemp("whole")
    with open_writer(store, RUN, config=CONFIG, provenance={"host": "here"}) as writer:
        writer.commit_stage("dataset", KEYS[0], toy_images(), summary={"source": "toy"})
        series = writer.series("teacher", KEYS[1], toy_epoch(0.0), 2)
        for number in range(2):
            state = {"step": np.array(number), "momentum": np.full(3, number, np.float32)}
            series.append(toy_epoch(number), metrics={"test_loss": 1.0 - number}, state=state)
        writer.commit_stage("teacher", KEYS[1], xr.Dataset(answers), metrics={"test_accuracy": 0.0})
        students = xr.Dataset(weights, coords={"sample": ("student", np.array([1, 2], np.int32))})
        writer.commit_stage("students/0123abcd-0", KEYS[2], students, metrics={"students": 2})
        writer.finish()
        return writer.run.path


@pytest.fixture
def whole(written_once: Path, tmp_path: Path) -> Path:
    """A copy of that run, to be done with as one likes."""
    return Path(shutil.copytree(written_once, tmp_path / RUN, ignore=shutil.ignore_patterns("owner.json")))


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


@pytest.fixture
def rewritten() -> Callable[..., None]:
    """Changes the arrays of a stage and chains the journal anew, so that all checksums fit again."""
    return rewrite_stage
