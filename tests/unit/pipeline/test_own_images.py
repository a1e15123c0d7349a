"""A run on own pictures: what it keeps of their files, where it looks, and how it is reproduced."""

import json
import shutil
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from PIL import Image

from deepvid.cli.main import main
from deepvid.config import Dataset, experiment_from
from deepvid.datasets.originals import Stored, originals
from deepvid.datasets.white import White
from deepvid.errors import DataError
from deepvid.pipeline.reproduce import reproduce
from deepvid.pipeline.runner import RunOptions, run_experiment
from deepvid.store import Run, open_run, texts_as_bytes, texts_from_bytes, write_archive

NAMES = (
    "cat/0.png",
    "cat/ß 猫.png",
    "cat/a long name of a picture.png",
    "dog/0.png",
    "dog/1.png",
    "dog/2.png",
)


class Silent:
    def began(self, *_: object) -> None: ...
    def ticked(self, *_: object) -> None: ...
    def ended(self, *_: object) -> None: ...


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    for value, name in enumerate(NAMES):
        path = tmp_path / "home" / "pets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (40, 30), value).save(path)
    return tmp_path / "home" / "pets"


def order(**wanted: Any) -> RunOptions:
    return RunOptions(Silent(), Event(), stop_after="dataset", **wanted)


def run_on(pets: Path, store: Path, **settings: Any) -> Run:
    dataset = {"source": "folder", "path": str(pets), "size": [10, 12], "test_share": 0.5, **settings}
    return open_run(run_experiment(experiment_from({"name": "own", "dataset": dataset}), store, order()))


@pytest.mark.parametrize("texts", [[], [""], ["a", "", "bc"], list(NAMES), ["a\udcff"]])
def test_texts_are_stored_as_numbers_and_come_back(texts: list[str]) -> None:
    rows = texts_as_bytes(texts)
    assert (rows.dtype, rows.ndim, len(rows)) == (np.uint8, 2, len(texts))
    assert texts_from_bytes(rows) == [text.replace("\udcff", "\\xff") for text in texts]


def test_a_run_names_the_file_of_every_image(pets: Path, tmp_path: Path) -> None:
    group = run_on(pets, tmp_path / "store").stages["dataset"].open()
    files = texts_from_bytes(group["file"].to_numpy())
    assert group["file"].dims == ("sample", "byte")
    assert sorted(files) == sorted(NAMES)
    assert [NAMES[value] for value in group["image"].to_numpy()[:, 0, 0, 0]] == files
    assert group.attrs["notes"] == ["6 of 6 pictures cropped to 10x12 (height x width), from 30x40 (6)"]
    assert "skipped" not in group.attrs


def test_a_run_keeps_which_number_is_white_for_later_readings(tmp_path: Path) -> None:
    """Of 12 bits: without the brightest file they would seem to have 11."""
    for number, name in enumerate(NAMES):
        path = tmp_path / "scans" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        ramp = np.linspace(0, 4000 if number == 0 else 1000, 20, dtype=np.uint16)
        Image.fromarray(np.broadcast_to(ramp, (20, 20)).copy()).save(path)
    group = run_on(tmp_path / "scans", tmp_path / "store", size=20).stages["dataset"].open()
    assert group.attrs["white"] == [255, 4095]
    brightest = group["image"].to_numpy().max(axis=(1, 2, 3))
    assert sorted(brightest.tolist())[-2:] == [62, 249]  # 1000 and 4000 of 4095, on a scale of 255
    files = texts_from_bytes(group["file"].to_numpy())
    (tmp_path / "scans" / NAMES[0]).unlink()
    stored = Stored((10, 10, 1), np.arange(5), [name for name in files if name != NAMES[0]], White(word=4095))
    section = Dataset(source="folder", path=tmp_path / "scans", size=10)
    (again,) = originals(section, stored, (20, 20))
    assert again.image.max(axis=(1, 2, 3)).tolist() == [62] * 5


def test_a_run_records_what_it_went_on_without(pets: Path, tmp_path: Path) -> None:
    (pets / "dog" / "9.png").write_bytes(b"nothing")
    with pytest.raises(DataError, match=r"dog/9\.png"):
        run_on(pets, tmp_path / "store")
    stage = run_on(pets, tmp_path / "store", skip_unreadable=True).stages["dataset"]
    group = stage.open()
    assert stage.metrics["skipped_files"] == 1
    assert list(group.attrs["skipped"]) == ["dog/9.png"]
    assert group.sizes["sample"] == 6


def test_a_run_of_published_images_has_no_files(tmp_path: Path) -> None:
    dataset = {"train": 20, "test": 20}
    group = open_run(
        run_experiment(experiment_from({"name": "own", "dataset": dataset}), tmp_path, order())
    ).stages["dataset"]
    assert set(group.open().variables) == {"image", "label", "test"}
    assert set(group.open().attrs) >= {"class_names", "checksums"}
    assert not {"notes", "skipped"} & set(group.open().attrs)


def test_the_command_line_finds_what_lies_beside_the_experiment_and_says_what_it_did(
    pets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (pets / "dog" / "9.png").write_bytes(b"nothing")
    text = 'name = "own"\n[dataset]\nsource = "folder"\npath = "pets"\nsize = 8\ntest_share = 0.5\n'
    (pets.parent / "own.toml").write_text(text, encoding="utf-8-sig")  # as editors on Windows do
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    command = ["run", "../home/own.toml", "--store", "runs", "--stop-after", "dataset"]
    for arguments, code, words in (
        (command, 2, ("dog/9.png: no picture of a format", "--skip-unreadable")),
        ([*command, "--skip-unreadable"], 0, ("6 of 6 pictures cropped to 8x8", "1 picture skipped")),
        ([*command, "--skip-unreadable"], 0, ("kept",)),
        (
            [*command, "--set", "dataset.path=nowhere"],
            2,
            (
                f"{elsewhere} (the current folder)",
                f"{pets.parent} (of the experiment's file)",
                "$DEEPVID_DATA",
            ),
        ),
    ):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        printed = "".join(capsys.readouterr())
        assert caught.value.code == code, printed
        assert [word for word in words if word not in printed] == [], printed


def test_reproducing_takes_the_images_from_the_archive(pets: Path, tmp_path: Path) -> None:
    run = run_on(pets, tmp_path / "store")
    whole = write_archive(run, tmp_path / "own.zip")
    bare = write_archive(run, tmp_path / "bare.zip", without=["images"])
    shutil.rmtree(pets)
    for _ in range(2):  # begun, and continued
        reproduction = reproduce(whole, tmp_path / "again", order())
        assert [(stage.name, stage.outcome) for stage in reproduction.stages] == [
            ("dataset", "from the archive")
        ]
        assert reproduction.ok
    again = open_run(reproduction.run)
    assert again.stages["dataset"].digest == run.stages["dataset"].digest
    with pytest.raises(DataError, match=r"no .*pets"):
        reproduce(bare, tmp_path / "bare", order())


def test_published_images_are_read_anew(tmp_path: Path) -> None:
    table = {"name": "own", "dataset": {"train": 20, "test": 20}}
    run = open_run(run_experiment(experiment_from(table), tmp_path / "store", order()))
    reproduction = reproduce(write_archive(run, tmp_path / "own.zip"), tmp_path / "again", order())
    assert json.loads(json.dumps(reproduction.stages[0]))[:2] == ["dataset", "equal bytes"]
