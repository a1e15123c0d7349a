"""No reader takes a file that is lost, cut or changed for numbers: it says which file of which run."""

import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest
import xarray as xr
from toy import KEYS

from deepvid.compare import compare_runs
from deepvid.errors import DamagedError, StoreError
from deepvid.store import Run, open_run, open_writer, verify
from deepvid.store.format import layout

Change = Callable[[Path], None]


def lost(file: Path) -> None:
    file.unlink()


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def grown(file: Path) -> None:
    file.write_bytes(file.read_bytes() + bytes(8))


def last_bit(file: Path) -> None:
    """In a shard, its index; in a document, its last brace."""
    data = bytearray(file.read_bytes())
    data[-5] ^= 1
    file.write_bytes(data)


def no_json(file: Path) -> None:
    file.write_bytes(b"{")


def another_shape(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"3,", b"9,", 1))


def folder_in_its_place(file: Path) -> None:
    file.unlink()
    file.mkdir()


PLACES = ("folder", "archive", "url", "archive behind a url")


@pytest.fixture
def put(zip_run: Any) -> Iterator[Callable[[str, Path], str | Path]]:
    """`put(place, run)` moves a run to where it is read from."""
    memory = fsspec.filesystem("memory")

    def moved(place: str, run: Path) -> str | Path:
        if place == "folder":
            return run
        if place == "url":
            memory.put(f"{run}/", f"/bucket/{run.parent.name}/{run.name}/", recursive=True)
            return f"memory://bucket/{run.parent.name}/{run.name}"
        file = zip_run(run, run.with_suffix(".zip"))
        if place == "archive":
            return Path(file)
        memory.put(str(file), f"/bucket/{run.parent.name}/{file.name}")
        return f"memory://bucket/{run.parent.name}/{file.name}"

    yield moved
    memory.store.clear()
    memory.pseudo_dirs[:] = [""]


def everything(run: Run) -> None:
    for stage in run.stages.values():
        stage.open().load()
    series = run.series("teacher")
    assert series
    series.open().load()
    series.state()


LOSSES: list[tuple[str, str, Change]] = [
    *[("stage/dataset-*", "label/c.0", change) for change in (lost, cut, emptied, grown)],
    ("stage/dataset-*", "image/c.0.0.0.0", lost),
    ("stage/teacher-*", "logits/c.0.0", lost),
    ("stage/teacher-*", "logits/c.0.0", cut),
    ("stage/students*", "weights/c.0.0.0.0.0.0", lost),
    ("stage/students*", "sample/c.0", lost),
    ("series/teacher-*", "parameters/c.0.0", lost),
    ("series/teacher-*", "test_logits/c.1.0.0", lost),
    ("series/teacher-*", "test_logits/c.1.0.0", cut),
    ("series/teacher-*", "sample/c.0", cut),
    ("state/teacher-*", "bytes/c.0", lost),
    ("state/teacher-*", "bytes/c.0", cut),
    *[
        (group, "zarr.json", change)
        for group in ("stage/dataset-*", "series/teacher-*", "state/teacher-*")
        for change in (lost, cut, emptied, no_json, another_shape)
    ],
]
IN_A_FOLDER: list[tuple[str, str, Change]] = [("stage/dataset-*", "label/c.0", folder_in_its_place)]


@pytest.mark.parametrize("place", PLACES)
def test_a_file_that_is_not_what_was_committed_is_named(
    whole: Path, tmp_path: Path, put: Callable[[str, Path], str | Path], place: str
) -> None:
    folders = place in ("folder", "archive")  # behind a URL there are none
    unnamed = []
    for number, (group, file, change) in enumerate(LOSSES + IN_A_FOLDER * folders):
        run = Path(shutil.copytree(whole, tmp_path / f"case-{number}" / whole.name))
        (path,) = (run / "data.zarr").glob(f"{group}/{file}")
        change(path)
        try:
            everything(open_run(put(place, run)))
        except (DamagedError, StoreError) as error:
            if path.relative_to(run).as_posix() in error.found and run.stem in error.must:
                continue
        unnamed.append((group, file, change.__name__))
    assert unnamed == []


@pytest.mark.parametrize("place", PLACES)
def test_what_is_whole_is_read(whole: Path, put: Callable[[str, Path], str | Path], place: str) -> None:
    everything(open_run(put(place, whole)))


@pytest.mark.parametrize("change", [lost, cut, emptied, last_bit])
def test_a_shard_is_named_whole_or_in_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    monkeypatch.setattr(layout, "BLOCK", 400)
    monkeypatch.setattr(layout, "SHARD", 1200)
    logits = np.arange(1000, dtype=np.float32).reshape(500, 2)
    answers = {
        "logits": (("sample", "class"), logits),
        "parameters": (("parameter",), np.zeros(1, np.float32)),
    }
    with open_writer(tmp_path, "toy-0123abcd", config={}, provenance={}) as writer:
        writer.commit_stage("teacher", KEYS[0], xr.Dataset(answers))
        stage = writer.run.stages["teacher"]
    np.testing.assert_array_equal(stage.open()["logits"].values, logits)
    assert stage.open()["logits"][499].values.tolist() == [998.0, 999.0]
    shards = sorted(stage.path.glob("logits/c.*"), key=lambda path: int(path.name.split(".")[1]))
    assert len(shards) > 3
    change(shards[-1])
    for rows in (slice(None), 499):
        with pytest.raises(DamagedError, match=rf"logits/{shards[-1].name}"):
            stage.open()["logits"][rows].load()
    assert stage.open()["logits"][0].values.tolist() == [0.0, 1.0]  # the others are read still


def test_two_copies_of_a_run_are_not_compared_where_one_has_lost_its_labels(
    whole: Path, tmp_path: Path
) -> None:
    (whole / open_run(whole).stages["dataset"].group / "label" / "c.0").unlink()
    with pytest.raises(DamagedError, match=r"label/c\.0 is missing"):
        compare_runs(open_run(whole), open_run(whole))


DECLARED = 250_000_000  # samples; two arrays of them are 2.2 GB


@pytest.mark.parametrize("one_file", [False, True])
@pytest.mark.parametrize("early", [False, True])
def test_what_is_declared_and_not_there_is_never_allocated(
    whole: Path, tmp_path: Path, rewritten: Any, one_file: bool, early: bool
) -> None:
    """The journal agrees with the forged document; only the files are as short as they were."""

    def forged(array: dict[str, Any]) -> None:
        array["shape"][0] = DECLARED
        if one_file:
            array["chunk_grid"]["configuration"]["chunk_shape"][0] = DECLARED

    rewritten(whole, "dataset", forged, names_files=not early)
    (found,) = verify(whole).runs
    assert found.bad == ("dataset",)
    assert "data.zarr/stage/dataset-" in found.unfit[0]
    script = f"""
        import resource
        from deepvid.errors import DeepVIDError
        from deepvid.store import open_run
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            print(open_run({str(whole)!r}).stages["dataset"].open().load())
        except DeepVIDError as error:
            print(type(error).__name__, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """
    out = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True
    ).stdout
    name, kilobytes = out.split()
    assert name == "DamagedError"
    assert int(kilobytes) < 100_000, "of more than two million"
