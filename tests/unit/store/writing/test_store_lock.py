"""One writer a run, by real processes."""

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
import xarray as xr

from deepvid.errors import LockedError
from deepvid.store import RunWriter, open_run
from deepvid.store.format import owner

HOLD = """
    writer = open_toy()
    say("open")
    sys.stdin.read()
"""
TRY = """
    from deepvid.errors import LockedError
    for _ in sys.stdin:
        try:
            open_toy()
            say("taken")
        except LockedError as error:
            say(error)
"""


def test_a_second_process_is_refused_and_told_who_writes(
    python: Any, opened: Callable[[], RunWriter]
) -> None:
    holder = python(HOLD)
    assert holder.stdout.readline() == "open\n"
    with pytest.raises(LockedError) as caught:
        opened()
    assert f"process {holder.pid} on {socket.gethostname()} since 2" in str(caught.value)


def test_a_second_writer_in_one_process_is_refused_and_the_lock_survives_it(
    python: Any, opened: Callable[[], RunWriter], run_path: Path
) -> None:
    other = python(TRY)
    with opened():
        with pytest.raises(LockedError):
            opened()
        open_run(run_path).status()
        assert f"process {os.getpid()}" in _asked(other)
    assert _asked(other) == "taken\n"


def test_the_lock_of_a_killed_process_is_free_at_once(python: Any, opened: Callable[[], RunWriter]) -> None:
    holder = python(HOLD)
    holder.stdout.readline()
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with opened() as writer:
        assert writer.run.summary["name"] == "toy"


def test_a_forked_worker_that_lives_on_does_not_keep_the_lock(
    python: Any, opened: Callable[[], RunWriter]
) -> None:
    parent = python("""
        import os
        writer = open_toy()
        if os.fork() == 0:
            say(os.getpid())
            time.sleep(60)
        os.wait()
    """)
    worker = int(parent.stdout.readline())
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    opened().close()
    os.kill(worker, signal.SIGKILL)


def test_a_writer_that_was_forked_writes_nothing(python: Any, run_path: Path) -> None:
    process = python("""
        import os
        from deepvid.errors import LockedError
        from deepvid.progress import Tick
        from toy import described

        epoch = xr.Dataset({"parameters": ("parameter", np.zeros(3, np.float32))})
        writer = open_toy()
        series = writer.series("teacher", "b" * 64, epoch, 3)
        wip = writer.run.path / "wip" / "prepared"
        wip.mkdir()

        def refused(write, *given, **named):
            try:
                return say("done", write(*given, **named))
            except LockedError as error:
                return say(error.found)

        if not os.fork():
            refused(writer.commit_stage, "students/b-0", "a" * 64, described(epoch))
            refused(writer.commit_prepared, "students/b-0", "a" * 64, wip)
            refused(series.append, epoch, metrics={})
            refused(writer.series, "vae", "c" * 64, epoch, 3)
            refused(writer.note, "mark", "1", {})
            refused(writer.fail, "teacher", ValueError())
            refused(writer.finish)
            refused(writer.require)
            refused(open_toy)
            writer.report("teacher", Tick(1, 2, "", 0.0, None))
            writer.stop("teacher")
            writer.close()
            sys.exit()
        os.wait()
        say(wip.is_dir(), (writer.run.path / "status.json").exists())
        sys.stdin.readline()
        series.append(epoch, metrics={})
        writer.close()
    """)
    answers = [process.stdout.readline() for _ in range(10)]
    assert all(f"a fork of process {process.pid}, which opened" in line for line in answers[:8])
    assert f"is being written by process {process.pid}" in answers[8]
    assert answers[9] == "True False\n"
    assert owner.alive(run_path)
    process.communicate("\n")
    assert [commit.kind for commit in open_run(run_path).commits] == ["created", "series", "epoch"]


def _asked(process: Popen[str]) -> str:
    """The answer of a process that tries to write once for every line it is sent."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("try\n")
    process.stdin.flush()
    return process.stdout.readline()


def test_a_failed_opening_gives_the_lock_back(opened: Callable[[], RunWriter], run_path: Path) -> None:
    opened().close()
    journal = run_path / "journal.jsonl"
    good = journal.read_bytes()
    journal.write_bytes(b"nonsense\n")
    with pytest.raises(Exception, match="verifies"):
        opened()
    journal.write_bytes(good)
    opened().close()


FINISH = """
    with open_toy() as writer:
        say(len(writer.run.commits))
        sys.stdin.readline()
        writer.finish()
"""


def test_a_writer_whose_lock_was_removed_by_hand_appends_nothing_more(
    opened: Callable[[], RunWriter], images: xr.Dataset, run_path: Path, python: Any
) -> None:
    with opened() as stopped:
        (run_path / "LOCK").unlink()
        other = python(FINISH)
        assert other.stdout.readline() == "1\n"
        with pytest.raises(LockedError, match="removed or replaced"):
            stopped.commit_stage("dataset", "a" * 64, images)
    assert owner.read(run_path) is not None  # the other's
    other.communicate("\n")
    assert [commit.kind for commit in open_run(run_path).commits] == ["created", "finished"]
