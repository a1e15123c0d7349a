"""State of a run, and what its owner's death makes of it."""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from deepvid.errors import DataError
from deepvid.progress import Tick
from deepvid.store import RunWriter, list_runs, open_run

TICK = Tick(30.0, 100.0, "epoch 2 of 6", 12.0, 28.0)


def test_a_run_goes_from_running_to_finished(
    opened: Callable[[], RunWriter], run_path: Path, own_images: xr.Dataset
) -> None:
    with opened() as writer:
        writer.report("teacher", TICK)
        status = open_run(run_path).status()
        assert (status.state, status.stage, status.done, status.total) == ("running", "teacher", 30, 100)
        assert (status.message, status.remaining, status.error) == ("epoch 2 of 6", 28.0, None)
        writer.finish(summary={"metrics": {"test_accuracy": 0.9}})
        assert open_run(run_path).status().state == "finished"
        assert list_runs(run_path.parent)[0].state == "finished"
    run = open_run(run_path)
    assert run.status().state == "finished"
    assert run.summary["metrics"] == {"test_accuracy": 0.9}
    with opened() as writer:
        assert writer.run.status().state == "finished"
        writer.report("students", TICK)
        assert writer.run.status().state == "running"
    assert run.status().state == "finished"
    with opened() as writer:
        writer.commit_stage("students/0-0", "a" * 64, own_images)
        assert writer.run.status().state == "running"


def test_a_failed_stage_says_what_failed_and_what_to_do(
    opened: Callable[[], RunWriter], run_path: Path
) -> None:
    with opened() as writer:
        writer.fail("dataset", DataError("Images have one size", "two sizes", "Crop them"))
    status = open_run(run_path).status()
    assert (status.state, status.stage) == ("failed", "dataset")
    assert status.error == ("Images have one size", "two sizes", "Crop them")
    with opened() as writer:
        writer.fail("vae", ZeroDivisionError("division by zero"))
    error = open_run(run_path).status().error
    assert error is not None
    assert error[1] == "ZeroDivisionError: division by zero"


def test_what_failed_is_interrupted_once_it_was_continued_and_stopped(
    opened: Callable[[], RunWriter], run_path: Path
) -> None:
    listed = lambda: list_runs(run_path.parent)[0].state  # noqa: E731
    with opened() as writer:
        writer.report("vae", TICK)
        writer.fail("vae", ZeroDivisionError("division by zero"))
        writer.report("vae", TICK._replace(done=100))  # a thread that does not know yet
        assert open_run(run_path).status().state == listed() == "failed"
    with opened() as writer:
        assert open_run(run_path).status().state == listed() == "failed"
        writer.report("vae", TICK)
        assert open_run(run_path).status().state == listed() == "running"
    status = open_run(run_path).status()
    assert (status.state, status.stage, status.error) == ("interrupted", "vae", None)
    assert listed() == "interrupted"


def test_a_run_whose_writer_let_go_is_interrupted(opened: Callable[[], RunWriter], run_path: Path) -> None:
    opened().close()
    status = open_run(run_path).status()
    assert (status.state, status.remaining) == ("interrupted", None)


def test_a_run_that_was_asked_to_stop_is_stopped_until_it_is_continued(
    opened: Callable[[], RunWriter], run_path: Path
) -> None:
    with opened() as writer:
        writer.report("vae", TICK)
        writer.stop("vae")
    status = open_run(run_path).status()
    assert (status.state, status.stage) == ("stopped", "vae")
    assert list_runs(run_path.parent)[0].state == "stopped"
    with opened() as writer:
        writer.report("students", TICK)
    assert open_run(run_path).status().state == "interrupted"
    with opened() as writer:
        writer.stop("students")
        writer.finish()
        writer.stop("vae")  # of a run that has all it was asked for, that is said
    assert open_run(run_path).status().state == "finished"


def test_a_run_whose_writer_was_killed_is_interrupted(python: Any, run_path: Path) -> None:
    owner = python("""
        writer = open_toy()
        say("open")
        sys.stdin.read()
    """)
    owner.stdout.readline()
    run = open_run(run_path)
    assert run.status().state == "running"
    assert list_runs(run_path.parent)[0].state == "running"
    os.kill(owner.pid, signal.SIGKILL)
    owner.wait()
    assert run.status().state == "interrupted"
    assert list_runs(run_path.parent)[0].state == "interrupted"


def test_a_reused_pid_is_not_the_owner(opened: Callable[[], RunWriter], run_path: Path) -> None:
    with opened():
        owner = json.loads((run_path / "owner.json").read_text())
        assert open_run(run_path).status().state == "running"
        (run_path / "owner.json").write_text(json.dumps({**owner, "started": "1"}))
        assert open_run(run_path).status().state == "interrupted"


@pytest.mark.parametrize("apart", [-3600, 3600], ids=["silent", "clock set back"])
def test_an_owner_elsewhere_lives_as_long_as_it_gives_signs(
    apart: int, opened: Callable[[], RunWriter], run_path: Path
) -> None:
    with opened():
        file = run_path / "owner.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), "host": "elsewhere", "pid": 1}))
        assert open_run(run_path).status().state == "running"
        os.utime(file, (time.time() + apart,) * 2)
        assert open_run(run_path).status().state == "interrupted"


def test_a_run_without_its_first_line_is_empty(run_path: Path) -> None:
    run_path.mkdir()
    (run_path / "journal.jsonl").touch()
    run = open_run(run_path)
    assert run.status().state == "empty"
    assert (run.summary, run.config, dict(run.stages)) == ({}, {}, {})
    (listing,) = list_runs(run_path.parent)
    assert listing.state == "empty"
    assert "Found: none in" in str(listing.error)


def test_reports_are_throttled_but_a_new_stage_and_the_end_are_not(
    opened: Callable[[], RunWriter], run_path: Path
) -> None:
    with opened() as writer:
        shown = lambda: writer.run.status().done  # noqa: E731
        writer.report("teacher", TICK)
        writer.report("teacher", TICK._replace(done=31))
        assert shown() == 30
        writer.report("teacher", TICK._replace(done=100))
        assert shown() == 100
        writer.report("vae", TICK._replace(done=1))
        assert shown() == 1


def test_a_report_that_cannot_be_written_stops_nothing(
    opened: Callable[[], RunWriter], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError("No space left on device")

    with opened() as writer:
        monkeypatch.setattr(os, "replace", refuse)
        writer.report("teacher", TICK)
        assert writer.run.status().stage == ""
