"""`--classes`: what is typed, and the files that models are published with."""

import json
from pathlib import Path
from typing import Any

import pytest

from deepvid.cli.explaining import class_names
from deepvid.errors import DataError


def test_names_between_commas() -> None:
    assert class_names("Shirt,Bag, Coat") == ["Shirt", "Bag", "Coat"]


def test_a_name_a_line_and_one_that_comes_again(tmp_path: Path) -> None:
    path = tmp_path / "names of all.txt"
    path.write_text("tench, Tinca tinca\ncrane\nbus\ncrane\ncrane 3\ncrane\n\n", encoding="utf-8")
    told_apart = ["tench, Tinca tinca", "crane", "bus", "crane 2", "crane 3", "crane 4"]
    assert class_names(str(path)) == told_apart


@pytest.mark.parametrize(
    "found",
    [
        ["tench", "crane"],
        {"1": "crane", "0": "tench"},
        {"0": ["n01440764", "tench"], "1": ["n02012849", "crane"]},
    ],
)
def test_json_as_libraries_publish_it(tmp_path: Path, found: Any) -> None:
    (tmp_path / "index.json").write_text(json.dumps(found), encoding="utf-8")
    assert class_names(str(tmp_path / "index.json")) == ["tench", "crane"]


@pytest.mark.parametrize("text", ["{", '"tench"', '{"tench": 0}', "[" * 10**5])
def test_what_is_no_list_of_names(tmp_path: Path, text: str) -> None:
    (tmp_path / "index.json").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="A file of class names"):
        class_names(str(tmp_path / "index.json"))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.txt: No such file"):
        class_names(str(tmp_path / "none.txt"))
