"""Computations that pages start: real processes over real runs, one at a time."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from micro import Recorder, experiment, run
from serving import wait_until
from sessions import Settle, in_session

from dashboards.data.commands import continuation, first_run, network_command
from dashboards.data.computation import Computation
from dashboards.serving.computations import Computations, Entry
from dashboards.serving.computations import computations as shared
from dashboards.session.needs import Missing
from dashboards.session.placeholder import Placeholder
from dashboards.session.session import Session
from deepvid.errors import LockedError, StoreError, UserError
from deepvid.permissions import READ_ONLY
from deepvid.store import Run, open_run, open_writer

pytestmark = pytest.mark.long

PIXELS = [{"method": "pca", "of": "pixels"}]
FOREVER = {"network": {"kind": "mlp", "hidden": [8]}, "epochs": 100_000, "batch": 20}


@pytest.fixture
def computations() -> Iterator[Computations]:
    made = Computations()
    yield made
    made.close()


def begun(store: Path, **changes: object) -> Run:
    """A run that has its images, and neither classifier nor map."""
    return run(store, experiment(**{"projections": PIXELS, **changes}), Recorder(), "dataset")


def rest_of(of: Run) -> Computation:
    computation = continuation(of).computation
    assert computation is not None
    return computation


def state(computations: Computations, entry: Entry) -> str:
    return next(
        one.state for one in computations.entries(entry.computation.store) if one.number == entry.number
    )


def pid(of: Run) -> int:
    """Of the process that writes to a run; 0: none does."""
    owner = of.path / "owner.json"
    return int(json.loads(owner.read_text())["pid"]) if owner.is_file() else 0


def epochs(of: Run) -> int:
    of.poll()
    series = of.series("teacher")
    return 0 if series is None else series.epochs


def gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def test_it_computes_what_the_run_lacks_in_a_process_that_lets_others_go_first(
    tmp_path: Path, computations: Computations
) -> None:
    known = begun(tmp_path)
    entry = computations.start(rest_of(known))
    worker = wait_until(lambda: pid(known))
    assert worker != os.getpid()
    assert os.getpriority(os.PRIO_PROCESS, worker) == 19
    assert os.getsid(worker) == worker  # a terminal's Ctrl-C is not for it
    wait_until(lambda: state(computations, entry) == "done", timeout=90)
    done = open_run(known.path)
    assert {"dataset", "teacher", "hierarchy", "projection-pca-pixels-2d"} <= set(done.stages)
    assert done.status().state == "finished"
    assert [one.looked_at for one in computations.entries(tmp_path)] == [False]
    computations.look(tmp_path)
    assert [one.looked_at for one in computations.entries(tmp_path)] == [True]


def test_they_wait_for_each_other_and_cancelling_keeps_what_was_committed(
    tmp_path: Path, computations: Computations
) -> None:
    first, second = begun(tmp_path, teacher=FOREVER), begun(tmp_path, name="second")
    long, short = computations.start(rest_of(first)), computations.start(rest_of(second))
    assert (long.state, short.state) == ("running", "waiting")
    with pytest.raises(UserError, match="starts a computation once"):
        computations.start(rest_of(first))
    wait_until(lambda: epochs(first), timeout=120)
    computations.cancel(long.number)
    wait_until(lambda: state(computations, long) == "cancelled", timeout=120)
    assert epochs(first) > 0
    assert open_run(first.path).status().state == "interrupted"
    wait_until(lambda: state(computations, short) == "running", timeout=120)
    computations.cancel(short.number)
    wait_until(lambda: state(computations, short) == "cancelled", timeout=120)


def test_one_that_is_killed_says_so_and_the_next_begins(tmp_path: Path, computations: Computations) -> None:
    known = begun(tmp_path, teacher=FOREVER)
    entry = computations.start(rest_of(known))
    os.kill(wait_until(lambda: pid(known), timeout=60), signal.SIGKILL)
    wait_until(lambda: state(computations, entry) == "failed")
    assert "SIGKILL" in computations.entries(tmp_path)[0].reason
    again = computations.start(rest_of(known))
    assert again.state == "running"


def test_the_run_s_lock_is_respected_and_its_owner_is_named(
    tmp_path: Path, computations: Computations
) -> None:
    known = begun(tmp_path)
    writer = open_writer(tmp_path, known.id, config=known.config, provenance=known.provenance)
    with writer, pytest.raises(LockedError, match=f"written by process {os.getpid()} on"):
        computations.start(rest_of(known))
    assert computations.entries(tmp_path) == []


def test_a_failure_says_what_the_command_said(tmp_path: Path, computations: Computations) -> None:
    known = begun(tmp_path)
    looked = network_command(known).computation
    assert looked is not None
    entry = computations.start(looked)  # without a teacher, nothing can be looked into
    wait_until(lambda: state(computations, entry) == "failed", timeout=60)
    reason = computations.entries(tmp_path)[0].reason
    assert "layers needs" in reason
    assert "Found: " in reason


@pytest.mark.parametrize("name", ["../elsewhere", "..", "", "-h", "missing"])
def test_it_is_a_run_of_the_store(name: str, tmp_path: Path, computations: Computations) -> None:
    begun(tmp_path / "elsewhere")
    with pytest.raises(StoreError):
        computations.start(Computation("network", tmp_path, name))


def test_it_is_a_run_even_where_the_store_lies_in_one(tmp_path: Path, computations: Computations) -> None:
    store = begun(tmp_path).path / "runs"
    begun(store)
    with pytest.raises(StoreError):
        computations.start(Computation("network", store, ".."))


@pytest.mark.parametrize("kind", ["rm", "--help", "serve", "", "continue -- x"])
def test_it_is_of_the_closed_list(kind: Any, tmp_path: Path, computations: Computations) -> None:
    known = begun(tmp_path)
    with pytest.raises(UserError, match="computes one of demo, continue"):
        computations.start(Computation(kind, tmp_path, known.id))
    assert computations.entries(tmp_path) == []


FORGED = [
    None,
    "rm",
    {"kind": "rm", "run": "../..", "store": "/"},
    {"computation": ["rm", "/", "../.."]},
    [["--yes"]] * 100,
    "x" * 100_000,
    float("nan"),
]


def test_a_browser_says_that_a_button_was_pressed_and_nothing_else(tmp_path: Path) -> None:
    """However often it says so, and whatever it sends beside it."""
    known = begun(tmp_path, teacher=FOREVER)

    def build(session: Session, _: Settle) -> Placeholder:
        placeholder = Placeholder(session)
        placeholder.show(Missing("", command=continuation(known)))
        return placeholder

    async def work(placeholder: Placeholder) -> None:
        for _ in range(150):
            for value in FORGED:
                placeholder.card._handle_msg({"action": "run", "value": value})
        assert [entry.computation for entry in shared.entries(tmp_path)] == [rest_of(known)]
        placeholder.card._handle_msg({"action": "cancel", "value": {"number": -1}})

    try:
        in_session(tmp_path, f"?run={known.id}", build, work)
        wait_until(lambda: not shared.entries(tmp_path)[0].open, timeout=60)
        assert shared.entries(tmp_path)[0].state == "cancelled"
    finally:
        shared.close()


def test_one_that_is_stopped_by_a_signal_is_killed_and_the_next_begins(
    tmp_path: Path, computations: Computations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboards.serving.computations.PATIENCE", 1.0)
    stopped, second = begun(tmp_path, teacher=FOREVER), begun(tmp_path, name="second")
    entry, after = computations.start(rest_of(stopped)), computations.start(rest_of(second))
    os.kill(worker := wait_until(lambda: pid(stopped), timeout=60), signal.SIGSTOP)
    computations.cancel(entry.number)
    wait_until(lambda: state(computations, entry) == "cancelled", timeout=30)
    assert gone(worker)
    wait_until(lambda: state(computations, after) == "running")


def test_who_may_not_write_may_not_compute(
    tmp_path: Path, computations: Computations, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = begun(tmp_path)
    monkeypatch.setenv(READ_ONLY, "yes")
    assert "read only" in network_command(known).refusal
    assert first_run(tmp_path / "other").text == ""
    with pytest.raises(UserError, match="read only"):
        computations.start(Computation("network", tmp_path, known.id))


EVIL = ["deepvid", "rm", "--yes", "victim"]


def test_what_a_run_says_it_was_begun_with_is_never_run(tmp_path: Path, computations: Computations) -> None:
    wanted = experiment(projections=PIXELS)
    run(tmp_path, wanted, Recorder(), "dataset")
    victim = begun(tmp_path, name="victim")
    (path,) = (one for one in tmp_path.iterdir() if one.name.startswith("micro"))
    hostile = forged(path, argv=[*EVIL])
    command = continuation(hostile)
    assert command.text.startswith("deepvid rm --yes victim")  # for people to read, and no more
    entry = computations.start(rest_of(hostile))
    wait_until(lambda: epochs(hostile), timeout=60)  # its own configuration is what goes on
    computations.cancel(entry.number)
    wait_until(lambda: state(computations, entry) == "cancelled", timeout=30)
    assert (victim.path / "journal.jsonl").is_file()


def forged(path: Path, argv: list[str]) -> Run:
    """A run of the same experiment whose first line says another command."""
    known = open_run(path)
    other = path.parent / "forged" / path.name
    provenance = {**known.provenance, "argv": argv}
    with open_writer(
        other.parent, path.name, config=known.config, provenance=provenance, hashing=known.hashing
    ) as to:
        to.copy_stage(known.stages["dataset"])
    return open_run(other)


@pytest.mark.parametrize(
    ("section", "why"),
    [
        ({"teacher": {"source": "torch", "entry": "evil:model"}}, "a model of your own"),
        ({"dataset": {"source": "folder", "path": "/home/victim/photos"}}, "files of your own"),
    ],
)
def test_a_run_that_names_a_program_or_files_is_not_continued(
    section: dict[str, object], why: str, tmp_path: Path
) -> None:
    config = {**experiment(projections=PIXELS).model_dump(mode="json"), **section}
    open_writer(tmp_path, "micro-0", config=config, provenance={"argv": EVIL}).close()
    command = continuation(open_run(tmp_path / "micro-0"))
    assert why in command.refusal
    assert command.computation is None
    said = subprocess.run(
        [sys.executable, "-m", "deepvid", "continue", "--store", tmp_path, "micro-0"],
        capture_output=True,
        text=True,
    )
    assert said.returncode == 2
    assert "from what it holds" in said.stderr


SERVER = """
import sys
from pathlib import Path
from dashboards.data.commands import continuation
from dashboards.serving.computations import computations
from deepvid.store import open_run
if __name__ == "__main__":
    computations.start(continuation(open_run(Path(sys.argv[1]))).computation)
    print("started", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("end", ["exit", "kill"])
def test_it_ends_with_its_server(end: str, tmp_path: Path) -> None:
    known = begun(tmp_path, teacher=FOREVER)
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, known.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    worker = wait_until(lambda: pid(known), timeout=60)
    wait_until(lambda: epochs(known), timeout=60)
    assert server.stdin is not None
    server.kill() if end == "kill" else server.stdin.close()
    began = time.monotonic()
    wait_until(lambda: gone(worker), timeout=10)
    server.wait(10)
    assert time.monotonic() - began < 8
    assert epochs(known) > 0
    assert open_run(known.path).status().state == "interrupted"
