"""The order of a commit, and what a disk that refuses any single step leaves behind."""

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import xarray as xr

from deepvid.errors import StoreError
from deepvid.store import RunWriter, list_runs
from deepvid.store.writing.series_writer import SeriesWriter

A, B = "a" * 64, "b" * 64
Epoch = Callable[[float], xr.Dataset]


class Call(NamedTuple):
    """A call that reaches the disk; `inode` is the file's or the renamed directory's."""

    name: str
    inode: int
    data: bytes = b""


class Disk:
    """Watches the calls that make data durable, and refuses the one whose turn `refuse` is."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.calls: list[Call] = []
        self.refuse: int | None = None
        for name in ("fsync", "write", "rename", "replace"):
            patch.setattr(os, name, self._watched(name, getattr(os, name)))

    def _watched(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(target: Any, *rest: Any, **options: Any) -> Any:
            data = bytes(rest[0]) if name == "write" else b""
            self.calls.append(Call(name, os.stat(target).st_ino, data))  # noqa: PTH116 - a descriptor, too
            if len(self.calls) - 1 == self.refuse:
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(target, *rest, **options)

        return call

    def positions(self, name: str, inode: int) -> list[int]:
        return [at for at, call in enumerate(self.calls) if (call.name, call.inode) == (name, inode)]


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


def test_a_stage_is_durable_before_its_name_and_its_name_before_its_line(
    opened: Callable[[], RunWriter], images: xr.Dataset, run_path: Path, disk: Disk
) -> None:
    with opened() as writer:
        disk.calls.clear()
        writer.commit_stage("dataset", A, images)
        calls = list(disk.calls)
    group = writer.run.stages["dataset"].path
    written = [at for at, call in enumerate(calls) if call.name == "write"]
    renamed = disk.positions("rename", group.stat().st_ino)
    assert len(written) == len(renamed) == 1
    for path in [group, *group.rglob("*")]:
        assert max(disk.positions("fsync", path.stat().st_ino)) < renamed[0], path
    folders = [
        at for at, call in enumerate(calls) if call.inode == group.stat().st_ino and call.name == "fsync"
    ]
    assert folders == [renamed[0] - 1]  # from the bottom up: the group itself comes last
    named = disk.positions("fsync", group.parent.stat().st_ino)
    assert renamed[0] < named[0] < written[0]
    assert calls[written[0]].data.endswith(b'"}\n')
    assert calls[-1] == Call("fsync", (run_path / "journal.jsonl").stat().st_ino)
    assert written[0] == len(calls) - 2


def test_an_epoch_and_its_state_are_durable_before_their_line(
    opened: Callable[[], RunWriter], epoch: Epoch, run_path: Path, disk: Disk
) -> None:
    with opened() as writer:
        series = writer.series("teacher", B, epoch(0), 2)
        disk.calls.clear()
        series.append(epoch(1), metrics={}, state={"step": np.arange(3)})
        calls = list(disk.calls)
    data = run_path / "data.zarr"
    (state,) = (data / "state").glob("teacher*")
    files = [*data.glob("series/teacher*/*/c.0.*"), state, *state.rglob("*"), state.parent]
    files += [data / "series" / f"teacher-{B[:12]}" / name for name in ("parameters", "test_logits")]
    written = [at for at, call in enumerate(calls) if call.name == "write"]
    assert len(files) == 10
    for path in files:
        assert 0 <= max(disk.positions("fsync", path.stat().st_ino)) < written[0], path
    assert written == [len(calls) - 2]


def _refused_everywhere(disk: Disk, act: Callable[[], Any], unchanged: Callable[[], None]) -> list[str]:
    """Refuses each call of `act` in turn until none is left to refuse; what the errors said."""
    refusals: list[str] = []
    while True:
        disk.calls.clear()
        disk.refuse = len(refusals)
        try:
            act()
        except StoreError as error:
            refusals.append(error.found)
        else:
            break
        finally:
            disk.refuse = None
        assert "No space left" in refusals[-1]
        unchanged()
    return refusals


def test_a_stage_that_the_disk_refuses_at_any_step_leaves_no_trace(
    opened: Callable[[], RunWriter], images: xr.Dataset, snapshot: Callable[[], dict[str, bytes]], disk: Disk
) -> None:
    with opened() as writer:
        before = snapshot()

        def unchanged() -> None:
            assert snapshot() == before
            assert not writer.run.stages
            assert not list((writer.run.path / "wip").iterdir())

        refusals = _refused_everywhere(disk, lambda: writer.commit_stage("dataset", A, images), unchanged)
        assert len(refusals) > 10
        assert all("1 earlier commits are intact" in found for found in refusals)
        assert writer.run.stages["dataset"].open()["label"].values.tolist() == [0, 1, 1]


def test_an_epoch_that_the_disk_refuses_at_any_step_leaves_no_trace(
    opened: Callable[[], RunWriter], epoch: Epoch, snapshot: Callable[[], dict[str, bytes]], disk: Disk
) -> None:
    with opened() as writer:
        series: SeriesWriter = writer.series("teacher", B, epoch(0), 3)
        series.append(epoch(1), metrics={}, state={"step": np.array(1)})
        before = snapshot()

        def unchanged() -> None:
            assert snapshot() == before
            assert series.committed == 1
            assert (series.state() or {})["step"] == 1

        def append() -> None:
            series.append(epoch(2), metrics={}, state={"step": np.array(2)})

        refusals = _refused_everywhere(disk, append, unchanged)
        assert len(refusals) > 10
        assert all("3 earlier commits are intact" in found for found in refusals)
        assert series.committed == 2
        assert (series.state() or {})["step"] == 2


def test_what_zarr_still_writes_after_a_refusal_is_waited_for_and_removed(
    opened: Callable[[], RunWriter], images: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Zarr writes the metadata of an array and of the group around it at once."""
    make, move = os.mkdir, os.replace

    def late_where_it_exists(path: Path, *rest: Any) -> None:
        if Path(path).exists():
            time.sleep(0.2)
        make(path, *rest)

    def refused_for_an_array(source: Path, target: Path) -> None:
        if target.parent.name == "image":
            raise OSError(errno.ENOSPC, "No space left on device")
        move(source, target)

    with opened() as writer:
        with monkeypatch.context() as patch:
            patch.setattr(os, "mkdir", late_where_it_exists)
            patch.setattr(os, "replace", refused_for_an_array)
            with pytest.raises(StoreError, match="No space left"):
                writer.commit_stage("dataset", A, images)
            time.sleep(0.3)
        assert list((writer.run.path / "wip").iterdir()) == []


def test_a_new_run_that_the_disk_refuses_at_any_step_can_be_made_later(
    opened: Callable[[], RunWriter], disk: Disk, run_path: Path
) -> None:
    def unchanged() -> None:
        assert all("Found: none in" in (run.error or "") for run in list_runs(run_path.parent))

    assert len(_refused_everywhere(disk, lambda: opened().close(), unchanged)) > 10
    with opened() as writer:
        assert [commit.kind for commit in writer.run.commits] == ["created"]


def test_a_line_that_cannot_be_taken_back_stops_the_writer_and_the_next_one_recovers(
    opened: Callable[[], RunWriter], images: xr.Dataset, run_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, journal = os.fsync, (run_path / "journal.jsonl")
    with opened() as writer:
        inode = journal.stat().st_ino

        def refuse(descriptor: int) -> None:
            if os.fstat(descriptor).st_ino == inode:
                raise OSError(errno.EIO, "Input/output error")
            real(descriptor)

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", refuse)
            with pytest.raises(StoreError, match="1 earlier commits are intact"):
                writer.commit_stage("dataset", A, images)
        with pytest.raises(StoreError, match="Open the run again"):
            writer.commit_stage("dataset", A, images)
    with opened() as writer:
        writer.commit_stage("dataset", A, images)
        assert len(writer.run.commits) == 2


def test_an_interruption_after_the_line_was_written_takes_the_commit_back_whole(
    opened: Callable[[], RunWriter],
    images: xr.Dataset,
    snapshot: Callable[[], dict[str, bytes]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with opened() as writer:
        before, real = snapshot(), os.write

        def interrupted(descriptor: int, data: bytes) -> int:
            real(descriptor, data)
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(os, "write", interrupted)
            with pytest.raises(KeyboardInterrupt):
                writer.commit_stage("dataset", A, images)
        assert snapshot() == before
        writer.commit_stage("dataset", A, images)


def test_an_interruption_after_the_commit_keeps_what_the_line_lists(
    opened: Callable[[], RunWriter], images: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened() as writer:
        with monkeypatch.context() as patch:

            def interrupted() -> bool:
                patch.undo()
                raise KeyboardInterrupt

            patch.setattr(writer.run, "poll", interrupted)
            with pytest.raises(KeyboardInterrupt):
                writer.commit_stage("dataset", A, images)
        assert writer.run.stages["dataset"].open()["label"].values.tolist() == [0, 1, 1]
