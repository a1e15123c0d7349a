"""Disks without room, folders without permission, clocks that go back, links where none should be."""

import errno
import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from faults import strays

from deepvid.errors import LockedError, StoreError
from deepvid.progress import Tick
from deepvid.store import RunWriter, list_runs, open_run, open_writer, remove_run, verify

A, B = "a" * 64, "b" * 64
NOBODY = 65534
Epoch = Callable[[float], xr.Dataset]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with one megabyte of room."""
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("only root mounts a disk; the limit of a process stands in for it")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_keeps_what_it_has_and_goes_on_once_there_is_room(small_disk: Path) -> None:
    epoch = xr.Dataset({"parameters": ("parameter", np.ones(30_000, np.float32))})
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(400_000))
    with open_writer(small_disk, "toy", config={}, provenance={}) as writer:
        series = writer.series("teacher", B, epoch, 20)
        append = lambda at: series.append(epoch * at, metrics={}, state={"step": np.array(at)})  # noqa: E731
        with pytest.raises(StoreError, match="No space left on device") as caught:
            all(append(number) for number in range(20))
        assert 2 <= series.committed < 8
        assert f"{series.committed + 2} earlier commits are intact" in str(caught.value)
        assert strays(small_disk / "toy") == []
        run = open_run(small_disk / "toy")
        assert run.status().state == "running"
        _check(run, series.committed)
        ballast.unlink()
        append(series.committed)
        run.poll()
        _check(run, series.committed)
    ballast.write_bytes(bytes(shutil.disk_usage(small_disk).free))
    with pytest.raises(StoreError, match="No space left on device"):
        open_writer(small_disk, "another", config={}, provenance={})
    assert [run.id for run in list_runs(small_disk)] == ["toy"]


def test_a_limit_on_the_size_of_files_is_a_full_disk(python: Any, run_path: Path) -> None:
    """For who may not mount: the kernel refuses every byte of a file beyond the limit."""
    child = python("""
        import resource
        from deepvid.errors import StoreError
        attrs = {"long_name": "ones", "units": "1"}
        with open_toy() as writer:
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
            for name, size in (("small", 1000), ("large", 100_000), ("again", 1000)):
                try:
                    ones = xr.Dataset({"ones": ("sample", np.ones(size), attrs)})
                    writer.commit_stage(name, "a" * 12, ones)
                    say("done")
                except StoreError as error:
                    say(error)
    """)
    answers = child.communicate()[0].splitlines()
    assert answers[0] == answers[2] == "done"
    assert "File too large" in answers[1]
    assert "2 earlier commits are intact" in answers[1]
    assert list(open_run(run_path).stages) == ["small", "again"]
    assert strays(run_path) == []


@pytest.fixture
def foreign() -> Iterator[Path]:
    """A store that everybody may read, and nobody but its owner may write to."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder)
        store.chmod(0o755)
        with open_writer(store, "toy", config={"name": "toy"}, provenance={}) as writer:
            writer.commit_stage("dataset", A, xr.Dataset({"label": ("sample", np.arange(3, dtype=np.int32))}))
            epoch = xr.Dataset({"parameters": ("parameter", np.ones(4, np.float32))})
            writer.series("teacher", B, epoch, 2).append(epoch, metrics={})
        yield store


def test_a_run_of_somebody_else_is_read_and_never_written_to(foreign: Path) -> None:
    before = sorted(path for path in foreign.rglob("*"))

    def act() -> list[str]:
        run = open_run(foreign / "toy")
        series = run.series("teacher")
        assert series is not None
        read = int(run.stages["dataset"].open()["label"].sum() + series.open()["parameters"].sum())
        said = [str(read), run.status().state, list_runs(foreign)[0].state]
        for refused in (
            lambda: open_writer(foreign, "toy", config={"name": "toy"}, provenance={}),
            lambda: open_writer(foreign, "new", config={}, provenance={}),
            lambda: remove_run(foreign / "toy"),
        ):
            try:
                refused()
            except StoreError as error:
                said.append(f"{type(error).__name__}: {error.found}")
        return said

    read, *said = _as_nobody(foreign, act)
    assert read == "7"
    assert said[:2] == ["interrupted", "interrupted"]
    assert len(said) == 5
    assert all("StoreError: [Errno 13] Permission denied" in text for text in said[2:]), said
    assert sorted(path for path in foreign.rglob("*")) == before


def test_a_run_that_may_not_be_read_hides_no_other(foreign: Path) -> None:
    with open_writer(foreign, "secret", config={}, provenance={}) as writer:
        writer.finish()
    (foreign / "secret").chmod(0o700 if os.getuid() == 0 else 0)

    def act() -> list[str]:
        listings = {listing.id: listing for listing in list_runs(foreign)}
        assert listings["toy"].error is None
        checked = {run.run: run for run in verify(foreign).runs}
        assert checked["toy"].ok
        said = [str(listings["secret"].error), *checked["secret"].unread]
        try:
            open_run(foreign / "secret")
        except StoreError as error:
            said.append(str(error))
        return said

    listed, unread, opened = _as_nobody(foreign / "toy", act)
    (foreign / "secret").chmod(0o700)
    assert unread == "journal.jsonl (Permission denied)"
    for text in (listed, opened):
        assert text.startswith("A run can be read. Found: [Errno 13] Permission denied: ")
        assert text.endswith("Ask its owner, or change its permissions.")


def _as_nobody(store: Path, act: Callable[[], list[str]]) -> list[str]:
    """Answer of `act` in a process without privileges; its modules are imported already."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            else:
                for path in [store, *store.rglob("*")]:
                    path.chmod(path.stat().st_mode & 0o555)
            answer = "\n".join(act())
        except BaseException as error:
            answer = f"{type(error).__name__}: {error}"
        os.write(writing, answer.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as file:
        answer = file.read()
    os.waitpid(child, 0)
    return answer.split("\n")


def test_a_file_system_without_locks_is_not_another_writer(
    opened: Callable[[], RunWriter], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: Any) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "lockf", no_locks)
        with pytest.raises(StoreError, match="No locks available") as caught:
            opened()
        assert not isinstance(caught.value, LockedError)
    opened().close()


def test_a_clock_that_goes_back_reorders_nothing(
    opened: Callable[[], RunWriter], run_path: Path, epoch: Epoch, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours = iter(range(23, 0, -1))
    earlier = lambda: f"2026-01-01T{next(hours):02}:00:00.000+00:00"  # noqa: E731
    for module in ("format.journal", "writing.commit", "writing.writer", "format.owner"):
        monkeypatch.setattr(f"deepvid.store.{module}.now", earlier)
    with opened() as writer:
        series = writer.series("teacher", B, epoch(0), 3)
        for value in (1, 2):
            series.append(epoch(value), metrics={"value": value})
        writer.finish()
        assert open_run(run_path).status().state == "finished"
    with opened() as writer:
        writer.report("students", Tick(1, 2, "", 0.0, None))
        assert open_run(run_path).status().state == "running"
        assert [commit.seq for commit in writer.run.commits] == list(range(5))
        times = [commit.time for commit in writer.run.commits]
        assert times == sorted(times, reverse=True)
    run = open_run(run_path)
    found = run.series("teacher")
    assert found is not None
    assert [metrics["value"] for metrics in found.metrics] == [1, 2]
    assert run.status().state == list_runs(run_path.parent)[0].state == "finished"


def test_a_link_that_no_line_lists_goes_and_what_it_points_to_stays(
    opened: Callable[[], RunWriter], run_path: Path, images: xr.Dataset, tmp_path: Path
) -> None:
    """Nothing of a run is a link. One beside what is listed is collected, and never followed."""
    treasure = tmp_path / "treasure"
    treasure.mkdir()
    (treasure / "thesis.txt").write_text("years of work")
    with opened() as writer:
        writer.commit_stage("dataset", A, images)
    for place in ("wip/link", "data.zarr/stage/link", "data.zarr/state/link", ".owner.json.1.part"):
        (run_path / place).symlink_to(treasure)
    opened().close()
    assert strays(run_path) == []
    assert (treasure / "thesis.txt").read_text() == "years of work"
    remove_run(run_path)
    assert (treasure / "thesis.txt").exists()


def test_a_group_that_was_moved_away_and_linked_is_read_as_before(
    opened: Callable[[], RunWriter], run_path: Path, images: xr.Dataset, tmp_path: Path
) -> None:
    with opened() as writer:
        writer.commit_stage("dataset", A, images)
        group = writer.run.stages["dataset"].path
    group.rename(tmp_path / "elsewhere")
    group.symlink_to(tmp_path / "elsewhere")
    opened().close()
    assert open_run(run_path).stages["dataset"].open()["label"].values.tolist() == [0, 1, 1]


def test_a_writer_closes_quietly_where_even_that_is_refused(
    opened: Callable[[], RunWriter], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as patch, opened():
        patch.setattr(os, "unlink", refuse)
    opened().close()


def _check(run: Any, epochs: int) -> None:
    series = run.series("teacher")
    assert series.open()["parameters"][:, 7].values.tolist() == list(range(epochs))
    assert series.state()["step"] == epochs - 1
