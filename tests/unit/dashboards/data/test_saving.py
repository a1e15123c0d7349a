"""A selection as a file: every image of it once, by index, with what is known."""

import csv
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from tables import a_table

from dashboards.data import saving
from dashboards.data.saving import save_arrays, save_table
from deepvid.errors import DataError
from deepvid.progress import Progress

PROGRESS = Progress(lambda _: None, Event())
TABLE = a_table([0, 2, 1, 1], [0, 2, -1, 0])
MASK = np.array([True, False, True, True])


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_table_has_a_line_an_image_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "_CHUNK", 2)  # two parts, one heading
    table = replace(TABLE, class_names=("=cmd()", "c1", "c2"), samples=np.int32([9, 8, 7, 6]))
    save_table(tmp_path / "all.csv", table, MASK, PROGRESS)
    lines = read(tmp_path / "all.csv")
    assert [line["sample"] for line in lines] == ["6", "7", "9"]
    assert [line["true"] for line in lines] == ["c1", "c1", "'=cmd()"]
    assert [line["predicted"] for line in lines] == ["'=cmd()", "", "'=cmd()"]
    assert [line["wrong"] for line in lines] == ["yes", "no", "no"]
    assert float(lines[0]["loss"]) == pytest.approx(np.log(3), rel=1e-5)


def test_nothing_selected_is_a_heading(tmp_path: Path) -> None:
    save_table(tmp_path / "none.csv", TABLE, np.zeros(4, bool), PROGRESS)
    assert read(tmp_path / "none.csv") == []
    assert (tmp_path / "none.csv").read_text().startswith("sample,true,predicted")


def test_arrays_have_images_and_logits(tmp_path: Path) -> None:
    save_arrays(tmp_path / "some.npz", TABLE, MASK, PROGRESS)
    with np.load(tmp_path / "some.npz") as arrays:
        assert arrays["sample"].tolist() == [0, 2, 3]
        assert arrays["label"].tolist() == [0, 1, 1]
        assert arrays["image"].shape == (3, 1, 1, 1)
        assert arrays["logits"].shape == (3, 3)
        assert arrays["class_names"].tolist() == ["c0", "c1", "c2"]


def test_more_images_than_memory_should_hold_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "LARGEST", 3)
    with pytest.raises(DataError, match="4 images"):
        save_arrays(tmp_path / "all.npz", TABLE, None, PROGRESS)
    assert not (tmp_path / "all.npz").exists()
    save_arrays(tmp_path / "some.npz", TABLE, MASK, PROGRESS)
