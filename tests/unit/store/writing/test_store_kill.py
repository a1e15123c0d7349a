"""A writer killed at every call that changes the disk, and at random: no commit lost, no reader disturbed."""

import hashlib
import json
import os
import random
import signal
import time
from collections.abc import Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from deepvid.store import Run, list_runs, open_run

KILLS = 60  # at least, for each kind of commit
RANDOM = 12  # of them at moments that nobody chose
CALLS = {
    "write",
    "fsync",
    "rename",
    "replace",
    "ftruncate",
    "unlink",
    "rmdir",
}  # each has killed at least once

# Forks one writer for every line it is sent: importing xarray anew each time would take most of the test.
WRITER = """
    import json, os
    from faults import Disk, Kill, strays
    from toy import described

    def epoch(value):
        return xr.Dataset({"parameters": ("parameter", np.full(20_000, value, np.float32))})

    def commit(writer, work):
        if work == "stage":
            number = len(writer.run.commits)
            batch = described(epoch(number))
            return writer.commit_stage(f"students/b-{number}", f"{number:08x}" + "a" * 56, batch)
        series = writer.series("teacher", "b" * 64, epoch(0), 100_000)
        number, state = series.committed, {"step": np.array(series.committed)}
        return series.append(epoch(number), metrics={"number": number}, state=state)

    def live(run, work, phase, at, when, commits):
        disk = Disk()
        last_words = lambda call: say("at", call, disk.made.count("write"))
        fault = None if at is None else Kill(at, when, last_words)
        disk.arm(fault if phase == "opening" else None)
        with open_writer(store, run, config=CONFIG, provenance={}) as writer:
            say("opened", *strays(writer.run.path))
            disk.arm(fault if phase == "writing" else None)
            for _ in range(commits):
                say("commit", commit(writer, work).seq)

    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            live(**json.loads(line))
            os._exit(0)
        say("pid", child)
        say("dead", os.waitpid(child, 0)[1])
"""

# A reader that stays and one that comes anew, over and over; what disturbs them ends them.
READER = """
    import json, threading
    from pathlib import Path
    from deepvid.store import list_runs, open_run

    def check(run):
        series = run.series("teacher")
        if series is not None and series.epochs:
            assert np.all(series.open()["parameters"].isel(epoch=-1).values == series.epochs - 1)
        if batches := run.batches("students"):
            assert np.all(batches[-1].open()["parameters"].values == int(batches[-1].name.split("-")[1]))

    polls, seen, asked = 0, (), threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), asked.set()), daemon=True).start()
    path = Path(store) / RUN
    staying = open_run(path)
    while not asked.is_set():
        if staying.poll():
            check(staying)
        assert staying.commits[:len(seen)] == seen, "a commit was taken back"
        seen = staying.commits
        if polls % 20 == 0:
            fresh = open_run(path)
            assert fresh.commits[:len(seen)] == seen, "a fresh reader knows less than one that stayed"
            check(fresh)
            assert [run.error for run in list_runs(store)] == [None]
        polls += 1
        time.sleep(0.001)
    say(polls)
"""


class Life(NamedTuple):
    """Output of one writer before it ended; `lines` it had written whole when it was killed at a call."""

    acknowledged: list[int]
    strays: list[str]  # that it found after it had opened the run
    killed_at: str | None
    lines: int
    survived: bool


def _live(
    process: Any,
    run: Path,
    work: str,
    *,
    phase: str = "writing",
    at: int | None = None,
    when: str = "before",
    after: float | None = None,
) -> Life:
    """One writer from birth to end: one commit, or many until it is killed `after` seconds from the first.

    It is killed at call `at`, counted in the phase "opening" or from there on ("writing").
    """
    order = {"run": run.name, "work": work, "phase": phase, "at": at, "when": when}
    order["commits"] = 1 if after is None else 10_000
    process.stdin.write(json.dumps(order) + "\n")
    process.stdin.flush()
    said: dict[str, list[str]] = {"opened": [], "at": [], "commit": []}
    deadline = None
    for line in iter(process.stdout.readline, ""):
        if not line.strip():
            continue  # of a process killed between a line and its end
        word, *rest = line.split()
        said[word] = said.get(word, []) + rest
        if word == "dead":
            break
        if word == "commit" and after is not None:
            deadline = deadline or time.monotonic() + after
        if deadline and "pid" in said and time.monotonic() > deadline:
            os.kill(int(said["pid"][0]), signal.SIGKILL)
    name, lines = said["at"] or (None, "0")
    numbers = [int(number) for number in said["commit"]]
    return Life(numbers, said["opened"], name, int(lines), said["dead"] == ["0"])


def _everywhere(live: Any) -> Iterator[Life]:
    """A life for every call until one is left in peace, each ended before it and in its middle."""
    for at in range(1000):
        life = live(at=at)
        yield life
        if life.survived:
            return
        if life.killed_at in ("write", "replace"):
            yield live(at=at, when="half")
    raise AssertionError("a writer that makes no end of calls")


def _litter(run: Run) -> None:
    """Litter that a death may leave, all at once: recovery has everything to do, and may die doing it."""
    with (run.path / "journal.jsonl").open("ab") as file:
        file.write(b'{"seq":1,"prev":"')
    files = [run.path / "wip/left/zarr.json", run.path / "data.zarr/stage/left-0/zarr.json"]
    if series := run.series("teacher"):
        files += [
            series.path / "parameters" / f"c.{series.epochs}.0",
            run.path / "data.zarr/state/left-0/c.0",
        ]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"left")


@pytest.mark.long
@pytest.mark.parametrize("work", ["series", "stage"])
def test_kills_at_every_call_and_at_random_lose_nothing_and_disturb_nobody(
    python: Any, run_path: Path, work: str
) -> None:
    writers, rng = python(WRITER), random.Random(0)
    live = lambda **how: _live(writers, run_path, work, **how)  # noqa: E731
    live()
    reader, run = python(READER), open_run(run_path)
    kills, places = 0, set[str | None]()
    opening, writing = (
        _everywhere(partial(live, phase="opening")),
        _everywhere(partial(live, phase="writing")),
    )

    def missed() -> Iterator[Life]:
        """Calls whose number moved while they were counted: recovery has a little more or less to do."""
        for at in range(100):
            if places >= CALLS:
                return
            yield live(phase="opening", at=at)

    for life in chain(opening, writing, missed()):
        known = len(run.commits)
        run.poll()
        assert len(run.commits) - known == life.lines + life.survived * len(life.acknowledged)
        _check(run, life)
        kills += not life.survived
        places.add(life.killed_at)
        _litter(run)
    for _ in range(max(RANDOM, KILLS - kills)):
        known = len(run.commits)
        life = live(after=rng.uniform(0, 0.08))
        run.poll()
        untold = len(run.commits) - known - len(life.acknowledged)
        assert untold in (0, 1)
        _check(run, life)
        kills += not life.survived
    assert kills >= KILLS
    assert places >= CALLS
    polls, _ = reader.communicate()
    assert reader.returncode == 0
    assert int(polls) > 100
    _check_every_commit(run)


@pytest.mark.long
def test_kills_at_every_call_of_a_new_run_leave_none_or_a_whole_one(python: Any, tmp_path: Path) -> None:
    writers, runs = python(WRITER), list[Path]()

    def new(**how: Any) -> Life:
        runs.append(tmp_path / f"new-{len(runs)}")
        return _live(writers, runs[-1], "stage", phase="opening", **how)

    for life in _everywhere(new):
        listed = [found.state for found in list_runs(tmp_path) if found.id == runs[-1].name]
        begun = life.lines or life.survived
        assert set(listed) <= ({"interrupted"} if begun else {"empty"})
        assert listed or not begun
        again = _live(writers, runs[-1], "stage")
        assert again.survived
        assert again.strays == []
    assert len(runs) > 20


def _check(run: Run, life: Life) -> None:
    """Checks that must hold after every life, whatever ended it."""
    assert life.strays == []
    assert set(life.acknowledged) <= {commit.seq for commit in run.commits}
    series = run.series("teacher")
    if series is not None and series.epochs:
        assert np.all(series.open()["parameters"].isel(epoch=-1).values == series.epochs - 1)
        assert (series.state() or {})["step"] == series.epochs - 1
    if batches := run.batches("students"):
        assert _digest(batches[-1].path) == batches[-1].digest


def _check_every_commit(run: Run) -> None:
    series = run.series("teacher")
    if series is not None:
        assert series.open()["parameters"][:, 0].values.tolist() == list(range(series.epochs))
        assert [metrics["number"] for metrics in series.metrics] == list(range(series.epochs))
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
