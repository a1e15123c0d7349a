"""The next writer after a death at any moment."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from deepvid.errors import DamagedError, StoreError
from deepvid.store import RunWriter, open_writer, write_wip

A, B = "a" * 64, "b" * 64
Bytes = Callable[[], dict[str, bytes]]


@pytest.fixture
def written(
    opened: Callable[[], RunWriter], images: xr.Dataset, epoch: Callable[[float], xr.Dataset]
) -> Callable[[], RunWriter]:
    """The toy run with one stage and two epochs; opens it again."""
    with opened() as writer:
        writer.commit_stage("dataset", A, images)
        series = writer.series("teacher", B, epoch(0), 3)
        for value in (1, 2):
            series.append(epoch(value), metrics={}, state={"step": np.array(value)})
    return opened


def test_a_torn_tail_is_cut_and_nothing_else_changes(
    written: Callable[[], RunWriter], run_path: Path, snapshot: Bytes
) -> None:
    before = snapshot()
    with (run_path / "journal.jsonl").open("ab") as file:
        file.write(b'{"seq":6,"prev":"')
    with written() as writer:
        assert len(writer.run.commits) == 5
    assert snapshot() == before


def test_zeros_that_a_power_cut_left_are_a_torn_tail(
    written: Callable[[], RunWriter], run_path: Path, snapshot: Bytes
) -> None:
    before = snapshot()
    with (run_path / "journal.jsonl").open("ab") as file:
        file.write(bytes(512))
    written().close()
    assert snapshot() == before


@pytest.mark.parametrize("line", range(5))
def test_a_changed_byte_in_any_line_is_damage_and_changes_nothing(
    written: Callable[[], RunWriter], run_path: Path, snapshot: Bytes, line: int
) -> None:
    journal = run_path / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[line] = lines[line].replace(b'"kind"', b'"kinD"')
    journal.write_bytes(b"".join(lines))
    (run_path / "wip" / "left").mkdir()
    before = snapshot()
    with pytest.raises(DamagedError, match="nothing was changed"):
        written()
    assert snapshot() == before
    assert (run_path / "wip" / "left").exists()


def test_a_lost_journal_never_loses_the_groups(written: Callable[[], RunWriter], run_path: Path) -> None:
    (run_path / "journal.jsonl").unlink()
    with pytest.raises(DamagedError, match="groups, but not one line"):
        written()
    assert list((run_path / "data.zarr" / "stage").glob("dataset-*"))


def test_where_a_series_is_gone_a_writer_says_so_and_changes_nothing(
    written: Callable[[], RunWriter], run_path: Path, snapshot: Bytes
) -> None:
    written().close()
    (lost,) = (run_path / "data.zarr" / "series").glob("teacher-*/parameters")
    shutil.rmtree(lost)
    before = snapshot()
    with pytest.raises(DamagedError, match=r"/parameters is missing\. .* nothing was changed"):
        written()
    assert snapshot() == before


def test_what_no_line_lists_is_collected(
    written: Callable[[], RunWriter], images: xr.Dataset, run_path: Path, snapshot: Bytes
) -> None:
    before = snapshot()
    data = run_path / "data.zarr"
    write_wip(run_path, "dataset", images)
    write_wip(run_path, "dataset", images).rename(data / "stage" / "dataset-cccccccccccc")
    write_wip(run_path, "dataset", images).rename(data / "series" / "vae-dddddddddddd")
    write_wip(run_path, "dataset", images).rename(data / "state" / f"teacher-{B[:12]}-0")
    parameters = data / "series" / f"teacher-{B[:12]}" / "parameters"
    (parameters / "c.2.0").write_bytes(b"an epoch without its line")
    (parameters / "c.2.1234abcd.partial").write_bytes(b"what zarr was writing")
    written().close()
    assert snapshot() == before
    assert not list((run_path / "wip").iterdir())


def test_a_failed_commit_leaves_the_work_of_others_alone(
    written: Callable[[], RunWriter], images: xr.Dataset
) -> None:
    with written() as writer:
        prepared = write_wip(writer.run.path, "dataset", images)
        with pytest.raises(StoreError):
            writer.commit_stage("map", A, images.assign(label=("sample", ["a", "b", "c"])))
        writer.commit_prepared("map", A, prepared)
        assert writer.has("map", A)


def test_a_run_keeps_its_configuration(written: Callable[[], RunWriter], run_path: Path) -> None:
    with pytest.raises(StoreError, match="another one for toy"):
        open_writer(run_path.parent, run_path.name, config={"name": "other"}, provenance={})
    with written() as writer:
        assert writer.run.provenance == {"host": "here"}
