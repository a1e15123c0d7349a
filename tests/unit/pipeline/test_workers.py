"""Worker processes: what dies with them, what does not, and who outlives whom."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any

import psutil
import pytest
from own_core import every_core

from deepvid.config import Experiment, experiment_from
from deepvid.errors import Cancelled, DeepVIDError
from deepvid.pipeline.batches import BEGINNING
from deepvid.pipeline.runner import RunOptions, run_experiment
from deepvid.progress import Tick
from deepvid.store import Run, open_run

STUDENTS = 100  # seven batches: some are left whenever a run is killed and another cancelled


class Disturbance:
    """A listener that does something once students have been committed in this run."""

    def __init__(self, store: Path, act: Callable[["Disturbance"], None]) -> None:
        self.cancel = Event()
        self._store, self._act = store, act
        self._before = len(open_only(store).batches("students")) if store.exists() else 0

    def began(self, stage: str, number: int, total: int) -> None: ...
    def ended(self, stage: str, outcome: str, seconds: float, metrics: Mapping[str, Any]) -> None: ...

    def ticked(self, stage: str, tick: Tick) -> None:
        there = len(open_only(self._store).batches("students"))
        if stage == "students" and there > max(self._before, BEGINNING):  # which have a turn of their own
            self._act(self)


def nothing(disturbance: Disturbance) -> None:
    """Lets the run be."""


def kill_a_worker(disturbance: Disturbance) -> None:
    """As the kernel does when memory runs out."""
    signal_a_worker(signal.SIGKILL)


def stop_a_worker(disturbance: Disturbance) -> None:
    """As Ctrl-Z does, and then Ctrl-C for its owner alone: it never ends by itself."""
    signal_a_worker(signal.SIGSTOP)
    disturbance.cancel.set()


def signal_a_worker(number: signal.Signals) -> None:
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):  # ended since it was listed, and perhaps not yet waited for
            if "spawn_main" in " ".join(child.cmdline()):
                child.send_signal(number)
                return


def experiment() -> Experiment:
    """Two hundred test images and an untrained teacher: errors enough."""
    return experiment_from(
        {
            "name": "workers",
            "dataset": {"train": 20, "test": 200},
            "teacher": {"network": {"kind": "mlp", "hidden": [4]}, "epochs": 1, "batch": 20},
            "vae": {"latent": 2, "width": 2, "hidden": 4, "epochs": 1, "batch": 20},
            "projections": [],
            # Neighbors enough that batches are still under way when one of them has been committed.
            "students": {"limit": STUDENTS, "neighbors": 2000, "gradient_neighbors": 0},
            "explanations": {"limit": 0},
            "causes": {"limit": 0},
        }
    )


def run(store: Path, act: Callable[[Disturbance], None] = nothing) -> Run:
    disturbance = Disturbance(store, act)
    with every_core():  # two workers at least
        return open_run(run_experiment(experiment(), store, RunOptions(disturbance, disturbance.cancel)))


def open_only(store: Path) -> Run:
    (path,) = store.iterdir()
    return open_run(path)


@pytest.mark.long
def test_killed_and_cancelled_runs_lose_nothing_committed(tmp_path: Path) -> None:
    store = tmp_path / "runs"
    with pytest.raises(DeepVIDError, match="one was killed"):
        run(store, kill_a_worker)
    killed = open_only(store)
    assert killed.status().state == "failed"
    assert killed.batches("students")

    with pytest.raises(Cancelled):
        run(store, stop_a_worker)
    cancelled = open_only(store)
    assert cancelled.status().state == "interrupted"

    finished = run(store)
    for earlier in (killed, cancelled):
        batches = earlier.batches("students")
        assert finished.batches("students")[: len(batches)] == batches
    samples = [sample for batch in finished.batches("students") for sample in batch.open()["sample"].values]
    assert len(samples) == len(set(samples)) == STUDENTS


@pytest.mark.long
def test_a_child_ends_with_its_parent(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "import multiprocessing, time\n"
        "from deepvid.spawning import end_with_parent\n"
        "def child():\n"
        "    end_with_parent()\n"
        "    time.sleep(60)\n"
        "if __name__ == '__main__':\n"
        "    process = multiprocessing.get_context('spawn').Process(target=child)\n"
        "    process.start()\n"
        "    print(process.pid, flush=True)\n"
        "    process.join()\n"
    )
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    time.sleep(1)  # the child imports before it watches
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    child.wait(timeout=10)
