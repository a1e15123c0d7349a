"""A writer that is killed again and again loses nothing it acknowledged, and no reader ever stumbles."""

import hashlib
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
import pytest

from deepvid.store import Run, open_run

KILLS = 10

# Forks one writer for every line it is sent: importing xarray anew each time would take most of the test.
WRITER = """
    import os

    def epoch(value):
        return xr.Dataset({"parameters": ("parameter", np.full(50_000, value, np.float32))})

    def write():
        with open_toy() as writer:
            series = writer.series("teacher", "b" * 64, epoch(0), 100_000)
            for number in range(series.committed, 100_000):
                state = {"step": np.array(number)}
                say(series.append(epoch(number), metrics={"number": number}, state=state).seq)
                key = f"{number:08x}" + "a" * 56
                say(writer.commit_stage(f"students/b-{number}", key, epoch(number)).seq)

    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            write()
        say("pid", child)
        os.waitpid(child, 0)
        say("dead")
"""


class Poller:
    """Reads the run over and over while it is written; keeps what went wrong."""

    def __init__(self, path: Path) -> None:
        self.errors: list[Exception] = []
        self.polls = 0
        self._path, self._stop = path, Event()
        self._thread = Thread(target=self._loop)

    def __enter__(self) -> "Poller":
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._stop.set()
        self._thread.join()

    def _loop(self) -> None:
        run: Run | None = None
        while not self._stop.is_set():
            try:
                if run is None and (self._path / "journal.jsonl").exists():
                    run = open_run(self._path)
                elif run is not None and run.poll():
                    _check_last_epoch(run)
                self.polls += 1
            except Exception as error:
                self.errors.append(error)
            time.sleep(0.001)


def _check_last_epoch(run: Run) -> None:
    series = run.series("teacher")
    if series is not None and series.epochs:
        values = series.open()["parameters"].isel(epoch=-1).values
        assert np.all(values == series.epochs - 1)
    if batches := run.batches("students"):
        assert np.all(batches[-1].open()["parameters"].values == int(batches[-1].name.split("-")[1]))


def _kill_at_random(process: Any, rng: random.Random) -> Iterator[int]:
    """The numbers of the commits that one writer acknowledged before it was killed."""
    process.stdin.write("write\n")
    process.stdin.flush()
    lines = iter(process.stdout.readline, "")
    pid, allowed = None, None
    for line in lines:
        if line == "dead\n":
            return
        if line.startswith("pid"):
            pid = int(line.split()[1])
        else:
            yield int(line)
            allowed = allowed or time.monotonic() + rng.uniform(0, 0.15)
        if pid and allowed and time.monotonic() > allowed:
            os.kill(pid, signal.SIGKILL)


@pytest.mark.long
def test_ten_kills_lose_no_acknowledged_commit(python: Any, run_path: Path) -> None:
    process, rng = python(WRITER), random.Random(0)
    acknowledged: list[int] = []
    with Poller(run_path) as poller:
        for _ in range(KILLS):
            acknowledged += _kill_at_random(process, rng)
    run = open_run(run_path)
    assert poller.errors == []
    assert poller.polls > 100
    assert len(acknowledged) > 2 * KILLS
    assert set(acknowledged) <= {commit.seq for commit in run.commits}
    assert len(run.commits) <= len(acknowledged) + 2 + KILLS  # at most one a kill was not told to anybody
    series = run.series("teacher")
    assert series is not None
    assert series.open()["parameters"][:, 0].values.tolist() == list(range(series.epochs))
    assert [metrics["number"] for metrics in series.metrics] == list(range(series.epochs))
    assert (series.state() or {})["step"] == series.epochs - 1
    for stage in run.batches("students"):
        assert _digest(stage.path) == stage.digest


def _digest(group: Path) -> str:
    """The digest as the format describes it, computed with nothing of ours."""
    files = [path for path in group.rglob("*") if path.is_file()]
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(group).as_posix()}\n"
        for path in files
    ]
    return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()
