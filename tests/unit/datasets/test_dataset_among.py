"""Images of some of the classes that a model knows."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepvid import config
from deepvid.datasets import ImageData, load
from deepvid.errors import DataError

KNOWN = ("bus", "cat", "crane", "dog")


def loaded(tmp_path: Path, classes: tuple[str, ...] = KNOWN, **arrays: Any) -> ImageData:
    images = np.random.default_rng(0).integers(0, 255, (8, 8, 8, 3), np.uint8)
    np.savez(tmp_path / "own.npz", images=images, **arrays)
    section = config.Dataset(source="arrays", path=tmp_path / "own.npz", test_share=1, classes=classes)
    return load(section, seed=0)


def test_labels_are_places_among_all_classes(tmp_path: Path) -> None:
    data = loaded(tmp_path, labels=np.array(["dog", "cat"] * 4))
    assert data.class_names == KNOWN
    assert data.labels.tolist() == [3, 1] * 4


def test_images_may_show_one_class_alone(tmp_path: Path) -> None:
    assert loaded(tmp_path, labels=np.array(["dog"] * 8)).labels.tolist() == [3] * 8


def test_numbers_are_places_too(tmp_path: Path) -> None:
    assert loaded(tmp_path, labels=np.array([3, 1] * 4)).labels.tolist() == [3, 1] * 4


def test_numbers_are_places_where_names_look_like_numbers(tmp_path: Path) -> None:
    digits = tuple(f"{number:02}" for number in range(12))  # "10" and "11" are written as numbers are
    assert loaded(tmp_path, digits, labels=np.array([3, 11] * 4)).labels.tolist() == [3, 11] * 4
    tens = ("10", "11", "0")
    assert loaded(tmp_path, tens, labels=np.array(["10", "0"] * 4)).labels.tolist() == [0, 2] * 4
    with pytest.raises(DataError, match=r"12 in .*none of 00, 01"):
        loaded(tmp_path, digits, labels=np.array([3, 12] * 4))


def test_a_class_that_the_model_does_not_know(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"one of the 4 that dataset\.classes.*lion in .*none of bus, cat"):
        loaded(tmp_path, labels=np.array(["dog", "lion"] * 4))


def test_names_that_come_twice(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="dog twice"):
        loaded(tmp_path, (*KNOWN, "dog"), labels=np.array(["dog", "cat"] * 4))
