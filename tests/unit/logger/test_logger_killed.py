"""A program that is killed while it logs an epoch, or forks: what was committed stays, and it can go on."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from faults import strays
from trainings import IMAGES, LABELS, NAMES, TEST, answers, given

import deepvid
from deepvid.errors import LockedError
from deepvid.store import list_runs, open_run, verify

TESTS = Path(__file__).parents[2]
PROGRAM = f"""
import sys
sys.path.insert(0, {str(TESTS)!r})
from faults import Disk, Kill
from trainings import IMAGES, LABELS, NAMES, TEST, given
import deepvid

disk = Disk()
with deepvid.log_run("toy", IMAGES, LABELS, test=TEST, epochs=4, class_names=NAMES, store=sys.argv[1]) as run:
    run.epoch(**given(0))
    run.epoch(**given(1))
    disk.arm(Kill(int(sys.argv[2]), "half", lambda call: print(call, flush=True)))
    run.epoch(**given(2))
"""


@pytest.mark.parametrize("at", [0, 3, 9])
def test_a_killed_training_keeps_its_epochs_and_goes_on(tmp_path: Path, at: int) -> None:
    program = [sys.executable, "-c", PROGRAM, str(tmp_path), str(at)]
    done = subprocess.run(program, capture_output=True, text=True)
    assert done.returncode == -9, done.stderr
    (listing,) = list_runs(tmp_path)
    assert listing.state == "interrupted"
    killed = open_run(listing.path)
    series = killed.series("teacher")
    assert series is not None
    assert series.epochs == 2
    for epoch in range(2):
        stored = series.open()["test_logits"].isel(epoch=epoch)
        np.testing.assert_allclose(stored, answers(epoch).logits[TEST], rtol=1e-5)

    wanted = {"test": TEST, "epochs": 4, "class_names": NAMES, "store": tmp_path}
    with deepvid.log_run("toy", IMAGES, LABELS, **wanted) as again:  # the program run once more
        again.epoch(**given(0))
    assert again.id != killed.id
    assert open_run(killed.path).summary["epochs"] == {"teacher": 2}

    with deepvid.log_run("toy", IMAGES, LABELS, **wanted, resume=killed.id) as run:
        assert (run.id, run.epochs) == (killed.id, 2)
        for epoch in range(run.epochs, 4):
            run.epoch(**given(epoch))
    stored = open_run(killed.path)
    assert stored.status().state == "finished"
    np.testing.assert_allclose(
        stored.open("series/teacher")["test_logits"],
        [answers(epoch).logits[TEST] for epoch in range(4)],
        rtol=1e-5,
    )
    assert strays(stored.path) == []
    assert verify(tmp_path).ok


def test_one_process_logs_a_run(tmp_path: Path) -> None:
    wanted = {"test": TEST, "epochs": 4, "class_names": NAMES, "store": tmp_path}
    with deepvid.log_run("toy", IMAGES, LABELS, **wanted) as run:
        run.epoch(**given(0))
        with (
            pytest.raises(LockedError),
            deepvid.log_run("toy", IMAGES, LABELS, **wanted, resume=run.id),
        ):
            pass
        run.epoch(**given(1))


FORKING = f"""
import os, sys
sys.path.insert(0, {str(TESTS)!r})
from trainings import IMAGES, LABELS, NAMES, TEST, given
import deepvid

def files(run):
    return {{path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}}

with deepvid.log_run("toy", IMAGES, LABELS, test=TEST, epochs=3, class_names=NAMES, store=sys.argv[1]) as run:
    run.epoch(**given(0))
    for act in ("log an epoch", "raise", "leave", "exit"):
        before = files(run)
        if not (child := os.fork()):
            break
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(act, code, files(run) == before, flush=True)
    if child:
        act = "log an epoch"
    if act == "log an epoch":
        run.epoch(**given(1))
    if act == "raise":
        raise ValueError("in the child")
    if act == "exit":
        sys.exit(3)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a system without fork")
def test_a_fork_of_a_training_leaves_its_run_alone(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FORKING, tmp_path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    children = ["log an epoch 1 True", "raise 1 True", "leave 0 True", "exit 3 True"]
    assert done.stdout.splitlines() == children
    assert "LockedError: Only the process that opened a run writes to it. Found: process" in done.stderr
    (listing,) = list_runs(tmp_path)
    assert listing.state == "finished"
    assert listing.summary["epochs"] == {"teacher": 2}
    assert verify(tmp_path).ok
