"""A run of every source survives `kill -9` and is continued; small files of the source's own format."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from contracts import test_sources

from deepvid.config import Dataset, Experiment, Projection
from deepvid.datasets import changed
from deepvid.datasets.catalogue import SOURCES
from deepvid.pipeline.runner import RunOptions, run_experiment
from deepvid.progress import Tick
from deepvid.store import open_run

MAP = Projection(method="pca", of="pixels")
TESTS = str(Path(__file__).parents[1])


class Killer:
    """A listener that ends the process when the map begins, as nobody can prevent."""

    def __init__(self, *, kills: bool) -> None:
        self.outcomes: dict[str, str] = {}
        self._kills = kills

    def began(self, stage: str, number: int, total: int) -> None:
        if self._kills and stage.startswith("projection"):
            os.kill(os.getpid(), signal.SIGKILL)

    def ticked(self, stage: str, tick: Tick) -> None: ...

    def ended(self, stage: str, outcome: str, seconds: float, metrics: Mapping[str, Any]) -> None:
        self.outcomes[stage] = outcome


def bring(dataset: Dataset, store: Path, killer: Killer) -> Path:
    wanted = Experiment(name="own", dataset=dataset, projections=(MAP,))
    return run_experiment(wanted, store, RunOptions(killer, Event(), stop_after=f"projection-{MAP.name}"))


SCRIPT = """
import os, sys, pathlib, pytest
sys.path.insert(0, sys.argv[1])
from contracts import test_sources, test_sources_continued as here
for folder in map(pathlib.Path, sys.argv[2:]):
    child = os.fork()  # what is imported is imported once
    if not child:
        dataset = test_sources.MAKERS[folder.name](folder / "data", pytest.MonkeyPatch())
        here.bring(dataset, folder / "runs", here.Killer(kills=True))
    print(folder.name, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder a source, with its `data` and the `runs` of a process that was killed."""
    folder = tmp_path_factory.mktemp("killed")
    for source in SOURCES:
        (folder / source / "data").mkdir(parents=True)
    folders = [str(folder / source) for source in SOURCES]
    done = subprocess.run([sys.executable, "-c", SCRIPT, TESTS, *folders], capture_output=True, text=True)
    assert done.stdout.split("\n")[:-1] == [f"{source} {-signal.SIGKILL}" for source in SOURCES], done.stderr
    return folder


@pytest.mark.long
@pytest.mark.parametrize("source", SOURCES)
def test_a_killed_run_is_continued(source: str, killed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = test_sources.MAKERS[source](killed / source / "data", monkeypatch)  # the very same files
    (run,) = (killed / source / "runs").iterdir()
    assert list(open_run(run).stages) == ["dataset", "data-check"]
    again = Killer(kills=False)
    assert bring(dataset, killed / source / "runs", again) == run
    assert again.outcomes == {
        "dataset": "reused",
        "data-check": "reused",
        f"projection-{MAP.name}": "computed",
    }


@pytest.mark.parametrize("source", SOURCES)
def test_other_images_are_noticed_where_nobody_published_them(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = test_sources.MAKERS[source](tmp_path, monkeypatch)
    other = {"a file": "0" * 64}
    published = source in ("fashion_mnist_small", "fashion_mnist", "mnist", "cifar10")
    assert changed(dataset, other) == (not published)
