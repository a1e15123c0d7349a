"""One run, one file: the same bytes on any day, everything in it, and back again."""

import hashlib
import json
import os
import shutil
import subprocess
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest
import xarray as xr
from toy import KEYS

from deepvid.errors import Cancelled, DamagedError, StoreError
from deepvid.progress import Progress
from deepvid.store import RunWriter, import_archive, open_run, verify, write_archive


def archived(run: Path, name: str = "toy.zip", **options: list[str]) -> Path:
    return write_archive(open_run(run), run.parent / name, **options)


def test_members_are_sorted_stored_and_dated_1980(whole: Path) -> None:
    with zipfile.ZipFile(archived(whole)) as found:
        members = found.infolist()
    names = [member.filename for member in members]
    assert names == sorted(names)
    assert {"journal.jsonl", "manifest-sha256.txt", "ro-crate-metadata.json", "data.zarr/zarr.json"} < {
        *names
    }
    assert {member.date_time for member in members} == {(1980, 1, 1, 0, 0, 0)}
    assert {member.compress_type for member in members} == {zipfile.ZIP_STORED}
    assert not [name for name in names if name.startswith(("wip", "LOCK", "owner", "status"))]


def test_twice_the_same_bytes_also_from_a_copy_on_another_day(whole: Path, tmp_path: Path) -> None:
    first = archived(whole).read_bytes()
    copy = Path(shutil.copytree(whole, tmp_path / "another" / "copy-of-it"))
    (copy / "wip" / "left").mkdir()
    (copy / "status.json").write_text("{}")
    for path in copy.rglob("*"):
        os.utime(path, (1, 1))
    time.sleep(0.01)
    assert archived(copy, "again.zip").read_bytes() == first


def test_the_journal_is_verbatim(whole: Path) -> None:
    with zipfile.ZipFile(archived(whole)) as found:
        assert found.read("journal.jsonl") == (whole / "journal.jsonl").read_bytes()


def test_import_gives_the_run_back_and_archives_alike(whole: Path, tmp_path: Path) -> None:
    file = archived(whole)
    path = import_archive(file, tmp_path / "elsewhere")
    assert path == tmp_path / "elsewhere" / whole.name
    run, original = open_run(path), open_run(whole)
    assert run.commits == original.commits
    for name, stage in original.stages.items():
        assert run.stages[name].open().identical(stage.open())
    series = run.series("teacher")
    assert series is not None
    assert series.epochs == 2
    state = series.state()
    assert state is not None
    assert state["step"] == 1
    assert verify(path).ok
    assert archived(path, "again.zip").read_bytes() == file.read_bytes()


def test_an_imported_run_is_written_to_like_any_other(
    whole: Path, tmp_path: Path, own_images: xr.Dataset
) -> None:
    from deepvid.store import open_writer

    path = import_archive(archived(whole), tmp_path / "elsewhere")
    with open_writer(path.parent, path.name, config=open_run(path).config, provenance={}) as writer:
        writer.commit_stage("more", KEYS[3], own_images)
    assert verify(path).ok


def test_every_group_opens_through_the_root(whole: Path) -> None:
    url = f"zip://data.zarr::{archived(whole)}"
    tree = xr.open_datatree(url, engine="zarr", consolidated=True, chunks=None)
    run = open_run(whole)
    for stage in run.stages.values():
        group = stage.path.relative_to(whole / "data.zarr").as_posix()
        assert set(tree[group].to_dataset().variables) == set(stage.open().variables)
        xr.testing.assert_equal(tree[group].to_dataset(), stage.open())


def test_unzip_and_sha256sum_verify_it(whole: Path, tmp_path: Path) -> None:
    target = tmp_path / "unpacked"
    subprocess.run(["unzip", "-q", archived(whole), "-d", target], check=True)
    done = subprocess.run(
        ["sha256sum", "-c", "--strict", "manifest-sha256.txt"], cwd=target, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    files = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    assert {line.partition(":")[0] for line in done.stdout.splitlines()} == files - {"manifest-sha256.txt"}
    assert verify(target).ok  # an unpacked archive is a run
    assert open_run(target).summary["state"] == "finished"


def test_the_crate_names_the_run(whole: Path) -> None:
    with zipfile.ZipFile(archived(whole)) as found:
        graph = json.loads(found.read("ro-crate-metadata.json"))["@graph"]
    entities = {entity["@id"]: entity for entity in graph}
    assert entities["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    assert entities["./"]["identifier"] == whole.name
    for part in entities["./"]["hasPart"]:
        assert part["@id"] in entities
    for known in ("license", "author", "publisher"):  # RO-Crate 1.1 recommends entities
        assert entities[entities["./"][known]["@id"]]["name"]


@pytest.fixture
def unfinished(
    opened: Callable[[], RunWriter], images: xr.Dataset, epoch: Callable[[float], xr.Dataset]
) -> Path:
    """One of three epochs committed, and an epoch more on the disk that no line lists."""
    with opened() as writer:
        writer.commit_stage("dataset", KEYS[0], images)
        series = writer.series("teacher", KEYS[1], epoch(0.0), 3)
        series.append(epoch(1.0), metrics={}, state=None)
        found = writer.run.series("teacher")
        assert found is not None
        array = found.path / "parameters"
        shutil.copy(array / "c.0.0", array / "c.1.0")
        return writer.run.path


def test_a_series_is_cropped_to_its_committed_epochs(unfinished: Path, tmp_path: Path) -> None:
    file = archived(unfinished)
    path = import_archive(file, tmp_path / "elsewhere")
    run = open_run(path)
    series = run.series("teacher")
    assert series is not None
    assert (series.epochs, series.planned) == (1, 1)
    raw = xr.open_zarr(series.path, consolidated=True, chunks=None)
    assert raw.sizes["epoch"] == 1
    assert not list(path.rglob("c.1.0"))
    last = run.commits[-1]
    assert (last.kind, last.time) == ("archived", open_run(unfinished).commits[-1].time)
    assert last.details["cropped"] == {"teacher": [1, 3]}
    assert last.details["original"] == open_run(unfinished).commits[-1].sum
    assert archived(path, "again.zip").read_bytes() == file.read_bytes()


def test_what_lost_something_is_not_taken_for_the_whole(whole: Path, tmp_path: Path) -> None:
    path = import_archive(archived(whole, without=["images"]), tmp_path / "elsewhere")
    reduced, original = open_run(path).stages["dataset"], open_run(whole).stages["dataset"]
    assert reduced.key != original.key
    assert list(reduced.open().data_vars) == ["label", "test"]
    assert verify(path).ok


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({"without": ["students"]}, {"dataset", "teacher"}),
        ({"without": ["teacher", "students"]}, {"dataset"}),
        ({"only": ["teacher"]}, {"teacher"}),
        ({"only": ["teacher", "dataset"], "without": ["images"]}, {"dataset", "teacher"}),
    ],
)
def test_stages_are_left_out(
    whole: Path, tmp_path: Path, options: dict[str, list[str]], kept: set[str]
) -> None:
    file = archived(whole, **options)
    assert verify(file).ok
    run = open_run(import_archive(file, tmp_path / "elsewhere"))
    assert set(run.stages) == kept
    assert (run.series("teacher") is not None) == ("teacher" in kept)
    assert run.commits[-1].details["without"]
    assert set(run.summary["stages"]) == kept
    assert file.stat().st_size < archived(whole, "whole.zip").stat().st_size
    assert archived(run.path, "again.zip").read_bytes() == file.read_bytes()


def test_an_unknown_stage_is_an_error_that_helps(whole: Path) -> None:
    with pytest.raises(
        StoreError, match=r"dataset, teacher, students, images.*'techer'.*Did you mean teacher"
    ):
        archived(whole, without=["techer"])
    assert not list(whole.parent.glob("*.zip*"))


def test_a_damaged_run_is_not_archived(whole: Path) -> None:
    victim = open_run(whole).stages["teacher"].path / "logits" / "c.0.0"
    data = victim.read_bytes()
    victim.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    with pytest.raises(DamagedError, match=r"logits/c\.0\.0 holds other bytes"):
        archived(whole)
    victim.unlink()
    with pytest.raises(DamagedError, match="is missing"):
        archived(whole)
    assert [path.name for path in whole.parent.iterdir()] == [whole.name]


@pytest.mark.parametrize("without", [(), ("images",)])
@pytest.mark.parametrize("group", ["stage/dataset-*", "stage/dataset-*/label", "series/teacher-*/parameters"])
def test_a_document_that_is_no_json_is_named(whole: Path, group: str, without: tuple[str, ...]) -> None:
    (path,) = whole.glob(f"data.zarr/{group}/zarr.json")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DamagedError, match=f"{group.replace('*', '[0-9a-z]*')}/zarr.json holds other bytes"):
        write_archive(open_run(whole), whole.parent / "toy.zip", without=without)


def test_an_archive_replaces_a_file_whole_or_not_at_all(whole: Path) -> None:
    before = archived(whole).read_bytes()
    (open_run(whole).stages["teacher"].path / "logits" / "c.0.0").unlink()
    with pytest.raises(DamagedError):
        write_archive(open_run(whole), whole.parent / "toy.zip", force=True)
    assert (whole.parent / "toy.zip").read_bytes() == before


def test_the_manifest_lists_every_member(whole: Path) -> None:
    with zipfile.ZipFile(archived(whole)) as found:
        lines = found.read("manifest-sha256.txt").decode().splitlines()
        listed = {line[66:]: line[:64] for line in lines}
        assert {*listed, "manifest-sha256.txt"} == {*found.namelist()}
        for name, value in listed.items():
            assert hashlib.sha256(found.read(name)).hexdigest() == value


def test_a_cancelled_archive_leaves_nothing(whole: Path) -> None:
    cancel = Event()
    with pytest.raises(Cancelled):
        write_archive(
            open_run(whole), whole.parent / "toy.zip", progress=Progress(lambda tick: cancel.set(), cancel)
        )
    assert [path.name for path in whole.parent.iterdir()] == [whole.name]


@pytest.mark.long
def test_a_run_that_is_written_to_is_archived_as_it_was_at_one_commit(
    opened: Callable[[], RunWriter], epoch: Callable[[float], xr.Dataset], tmp_path: Path
) -> None:
    """Or the error says to do it again: the training state of an epoch goes when the next is committed."""
    written, refused, epochs = set[int](), list[str](), 1000
    with opened() as writer:
        series = writer.series("teacher", KEYS[1], epoch(0.0), epochs)

        def train() -> None:
            for n in range(epochs):
                if len(written) < 3:  # until archives of three commits are there
                    series.append(epoch(n), metrics={}, state={"step": np.array(n)})

        thread = Thread(target=train)
        thread.start()
        while thread.is_alive():
            try:
                file = write_archive(open_run(writer.run.path), tmp_path / "live.zip", force=True)
            except StoreError as error:
                refused.append(error.action)
                continue
            (found,) = verify(file).runs
            assert found.ok
            written.add(len(found.good))
        thread.join()
        assert verify(writer.run.path).ok
    assert len(written) > 1
    assert all(action.startswith("Archive it again") for action in refused)
