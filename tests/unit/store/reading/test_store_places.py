"""One read path: a run's folder, an archive of it and URLs of both say the same."""

import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest
import xarray as xr

from deepvid.errors import DamagedError, NewerFormatError, StoreError
from deepvid.store import RunWriter, find_run, list_runs, open_run, remove_run
from deepvid.store.reading import remote
from deepvid.store.reading.files import MAPPED, FolderFiles
from deepvid.store.reading.remote import RemoteFiles
from deepvid.store.reading.zipped import LocalBlob, ZipFiles

Zip = Callable[[Path, Path], Path]


@pytest.fixture
def made(opened: Callable[[], RunWriter], images: xr.Dataset, epoch: Any, run_path: Path) -> Path:
    """The toy with a stage, two epochs of a series and its state."""
    with opened() as writer:
        writer.commit_stage("dataset", "a" * 64, images, metrics={"loss": float("nan")})
        series = writer.series("teacher", "b" * 64, epoch(0.0), epochs=3)
        for value in (1.0, 2.0):
            series.append(epoch(value), metrics={"loss": value}, state={"step": np.array(value)})
        writer.finish({"source": "drawn"})
    return run_path


@pytest.fixture
def memory() -> Iterator[fsspec.AbstractFileSystem]:
    """fsspec's file system in memory, empty again afterwards."""
    fs = fsspec.filesystem("memory")
    yield fs
    fs.store.clear()
    fs.pseudo_dirs[:] = [""]


@pytest.fixture(params=["archive", "url", "archive behind a url", "chained url"])
def address(
    request: pytest.FixtureRequest, made: Path, zip_run: Zip, tmp_path: Path, memory: Any
) -> str | Path:
    """The toy in every place but its own folder."""
    file = zip_run(made, tmp_path / "toy.zip")
    if request.param == "archive":
        return file
    if request.param == "url":
        memory.put(f"{made}/", "/bucket/toy/", recursive=True)
        return "memory://bucket/toy"
    memory.put(str(file), "/bucket/toy.zip")
    return ("zip::" if request.param == "chained url" else "") + "memory://bucket/toy.zip"


def test_every_place_reads_the_same(made: Path, address: str | Path) -> None:
    near, far = open_run(made), open_run(address)
    assert far.commits == near.commits or str(far.commits) == str(near.commits)  # nan is not nan
    assert far.read_only
    assert not near.read_only
    assert far.status()._replace(updated="") == near.status()._replace(updated="")
    assert far.poll() is False
    xr.testing.assert_identical(far.stages["dataset"].open().load(), near.stages["dataset"].open().load())
    series, same = far.series("teacher"), near.series("teacher")
    assert series
    assert same
    assert series.open()["test_logits"][:, 0, 0].values.tolist() == [1.0, 2.0]
    xr.testing.assert_identical(series.open().load(), same.open().load())
    assert series.state() == same.state() == {"step": np.array(2.0)}
    assert list(far.to_xarray().children) == ["dataset", "series"]
    assert open_run(far.address).id == far.id


@pytest.mark.parametrize(
    "cut", [(None, None), (3, 9), (5, None), (None, 4), (-7, None), (-(10**6), None), (9, 3)]
)
def test_a_part_of_a_file_is_cut_as_a_slice(
    made: Path, zip_run: Zip, tmp_path: Path, memory: Any, cut: tuple[int | None, int | None]
) -> None:
    memory.put(f"{made}/", "/bucket/toy/", recursive=True)
    whole = (made / "journal.jsonl").read_bytes()
    for files in (
        FolderFiles(made),
        ZipFiles(LocalBlob(zip_run(made, tmp_path / "toy.zip"))),
        RemoteFiles(remote.Remote.at("memory://bucket/toy")),
    ):
        assert files.read("journal.jsonl", *cut) == whole[slice(*cut)]
        with pytest.raises(FileNotFoundError):
            files.read("no-such", *cut)


@pytest.mark.parametrize("mapped", [True, False])
def test_a_large_part_of_a_file_is_not_copied_where_it_can_be_mapped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mapped: bool
) -> None:
    whole = np.random.default_rng(0).bytes(5 * MAPPED)
    (tmp_path / "shard").write_bytes(whole)
    if not mapped:
        monkeypatch.setattr("mmap.mmap", partial(_fail, OSError("no such device")))
    for cut in ((None, None), (7, None), (3 * MAPPED + 1, 4 * MAPPED + 1), (-2 * MAPPED, None), (9, 10**9)):
        part = FolderFiles(tmp_path).read("shard", *cut)
        assert part == whole[slice(*cut)]
        assert isinstance(part, memoryview) == mapped


def _fail(error: Exception, *_: Any, **__: Any) -> None:
    raise error


def test_what_is_only_read_has_no_folder(address: str | Path) -> None:
    run = open_run(address)
    for ask in (lambda: run.path, lambda: run.stages["dataset"].path):
        with pytest.raises(StoreError, match="deepvid import"):
            ask()


def test_many_threads_read_one_archive(made: Path, zip_run: Zip, tmp_path: Path) -> None:
    run, wrong = open_run(zip_run(made, tmp_path / "toy.zip")), []

    def read() -> None:
        for _ in range(20):
            series = run.series("teacher")
            assert series
            if series.open()["test_logits"][1].values.tolist() != [[2.0] * 3] * 2:
                wrong.append("other numbers")

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_nothing_is_written_beside_an_archive(made: Path, zip_run: Zip, tmp_path: Path) -> None:
    folder = tmp_path / "alone"
    folder.mkdir()
    open_run(zip_run(made, folder / "toy.zip")).to_xarray().load()
    assert [path.name for path in folder.iterdir()] == ["toy.zip"]


def test_a_store_lists_archives_beside_runs(made: Path, zip_run: Zip, tmp_path: Path) -> None:
    zip_run(made, tmp_path / f"{made.name}.zip")
    (tmp_path / "notes.zip").write_text("no zip at all")
    with zipfile.ZipFile(tmp_path / "pictures.zip", "w") as archive:
        archive.writestr("holiday.png", b"")
    listed = {run.id: run for run in list_runs(tmp_path)}
    assert set(listed) == {made.name, f"{made.name}.zip", "notes.zip"}
    assert "is an archive" in (listed["notes.zip"].error or "")
    assert listed[f"{made.name}.zip"].read_only
    assert not listed[made.name].read_only
    assert listed[f"{made.name}.zip"].summary == listed[made.name].summary
    assert find_run(tmp_path, "toy") == made  # the run wins over its archive
    with pytest.raises(StoreError, match="deepvid import"):
        find_run(tmp_path, f"{made.name}.zip")
    with pytest.raises(StoreError, match="Only a run is removed"):
        remove_run(tmp_path / f"{made.name}.zip")


def test_one_archive_or_run_is_a_store_of_one(made: Path, zip_run: Zip, tmp_path: Path, memory: Any) -> None:
    file = zip_run(made, tmp_path / "t.zip")
    memory.put(str(file), "/one/toy.zip")
    memory.put(f"{made}/", f"/one/{made.name}/", recursive=True)
    memory.pipe("/one/readme.txt", b"not a run")
    places = {
        str(file): ["t.zip"],
        str(made): [made.name],
        "memory://one/toy.zip": ["toy.zip"],
        f"memory://one/{made.name}": [made.name],
        "memory://one": [made.name, "toy.zip"],
    }
    for place, ids in places.items():
        listed = list_runs(place if "://" in place else Path(place))
        assert sorted(run.id for run in listed) == ids
        assert all(open_run(run.path).summary == run.summary for run in listed)


def test_what_is_not_there_says_so(tmp_path: Path, memory: Any) -> None:
    for missing in (tmp_path / "none", tmp_path / "none.zip", "memory://none/run", "memory://none/run.zip"):
        with pytest.raises(StoreError, match=r"directory with a journal\.jsonl"):
            open_run(missing)
    with pytest.raises(StoreError, match="nothing at memory://none"):
        list_runs("memory://none")
    with pytest.raises(StoreError, match="can be read"):
        open_run("nonsense://bucket/run")
    assert list_runs(tmp_path / "none") == []


def test_an_archive_that_is_not_whole_says_so(made: Path, zip_run: Zip, tmp_path: Path) -> None:
    data = zip_run(made, tmp_path / "toy.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(data[: len(data) // 2])
    with pytest.raises(DamagedError, match="is an archive"):
        open_run(tmp_path / "cut.zip")
    with zipfile.ZipFile(tmp_path / "packed.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(made / "journal.jsonl", "journal.jsonl")
    with pytest.raises(DamagedError, match="compressed"):
        open_run(tmp_path / "packed.zip")
    changed = data.replace(b'"kind":"finished"', b'"kind":"finishes"')
    (tmp_path / "changed.zip").write_bytes(changed)
    with pytest.raises(DamagedError, match="checksum"):
        open_run(tmp_path / "changed.zip")


def test_a_newer_group_in_an_archive_is_refused(
    made: Path, zip_run: Zip, tmp_path: Path, rewritten: Callable[..., None]
) -> None:
    rewritten(made, "dataset", version=99)
    run = open_run(zip_run(made, tmp_path / "toy.zip"))
    with pytest.raises(NewerFormatError):
        run.stages["dataset"].open()


def test_a_run_behind_a_url_grows(
    opened: Callable[[], RunWriter],
    images: xr.Dataset,
    run_path: Path,
    memory: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(remote, "REFRESH", 0.0)
    with opened() as writer:
        memory.put(f"{run_path}/", "/far/toy/", recursive=True)
        run = open_run("memory://far/toy")
        assert not run.stages
        writer.commit_stage("dataset", "a" * 64, images)
    memory.put(f"{run_path}/", "/far/toy/", recursive=True)
    _wait(lambda: run.poll() or run.stages)
    assert run.stages["dataset"].open()["label"].values.tolist() == [0, 1, 1]


def test_a_run_out_of_reach_keeps_what_was_read(
    made: Path, memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.put(f"{made}/", "/far/toy/", recursive=True)
    monkeypatch.setattr(remote, "REFRESH", 0.0)
    run = open_run("memory://far/toy")
    before = run.commits
    with monkeypatch.context() as broken:
        broken.setattr(type(memory), "ukey", _refuse)
        broken.setattr(type(memory), "cat_file", _refuse)
        with pytest.raises(StoreError, match="the wire was cut"):
            _wait(run.poll)
        assert run.commits == before
        with pytest.raises(StoreError, match="the wire was cut"):
            run.stages["dataset"].open()
    _wait(lambda: _quiet(run.poll))
    assert run.commits == before
    assert run.stages["dataset"].open()["label"].values.tolist() == [0, 1, 1]


def test_a_poll_of_a_slow_url_does_not_wait(made: Path, memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    memory.put(f"{made}/", "/far/toy/", recursive=True)
    monkeypatch.setattr(remote, "REFRESH", 0.0)
    run, released = open_run("memory://far/toy"), threading.Event()
    monkeypatch.setattr(type(memory), "ukey", lambda *_: released.wait(10) and "later")
    begin = time.monotonic()
    assert not any(run.poll() for _ in range(100))
    assert time.monotonic() - begin < 1
    released.set()


def _refuse(*_: Any, **__: Any) -> None:
    raise ConnectionResetError("the wire was cut")


def _quiet(ask: Callable[[], Any]) -> bool:
    try:
        ask()
    except StoreError:
        return False
    return True


def _wait(true: Callable[[], Any]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)
