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
from deepvid.pipeline.runner import Order, run_experiment
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
    return run_experiment(wanted, store, Order(killer, Event(), stop_after=f"projection-{MAP.name}"))


SCRIPT = """
import sys, pathlib, pytest
sys.path.insert(0, sys.argv[1])
from contracts import test_sources, test_sources_continued as here
folder = pathlib.Path(sys.argv[3])
dataset = test_sources.MAKERS[sys.argv[2]](folder / "data", pytest.MonkeyPatch())
here.bring(dataset, folder / "runs", here.Killer(kills=True))
"""


@pytest.mark.long
@pytest.mark.parametrize("source", SOURCES)
def test_a_killed_run_is_continued(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    done = subprocess.run([sys.executable, "-c", SCRIPT, TESTS, source, str(tmp_path)], capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()

    dataset = test_sources.MAKERS[source](tmp_path / "data", monkeypatch)  # the very same files
    (killed,) = (tmp_path / "runs").iterdir()
    assert list(open_run(killed).stages) == ["dataset"]
    again = Killer(kills=False)
    assert bring(dataset, tmp_path / "runs", again) == killed
    assert again.outcomes == {"dataset": "reused", f"projection-{MAP.name}": "computed"}


@pytest.mark.parametrize("source", SOURCES)
def test_other_images_are_noticed_where_nobody_published_them(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = test_sources.MAKERS[source](tmp_path, monkeypatch)
    other = {"a file": "0" * 64}
    published = source in ("fashion_mnist_small", "fashion_mnist", "mnist", "cifar10")
    assert changed(dataset, other) == (not published)
