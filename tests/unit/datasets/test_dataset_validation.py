"""Rules for arrays of a person's own, and errors where they do not hold."""

import re
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hostile import NPZ

from deepvid.adapters.table import open_table
from deepvid.config import Dataset, Table
from deepvid.datasets import ImageData, load
from deepvid.errors import DataError

GOOD: dict[str, Any] = {
    "images": np.arange(8 * 64, dtype=np.uint8).reshape(8, 8, 8),
    "labels": np.array([0, 1] * 4),
    "class_names": np.array(["cat", "dog"]),
    "split": np.array(["train"] * 4 + ["test"] * 4),
}


def load_arrays(folder: Path, **changes: Any) -> ImageData:
    arrays = {name: array for name, array in (GOOD | changes).items() if array is not None}
    np.savez(folder / "own.npz", **arrays)
    return load(Dataset(source="arrays", path=folder / "own.npz"), seed=0)


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def test_gray_images_get_their_channel(tmp_path: Path) -> None:
    data = load_arrays(tmp_path)
    assert data.images.shape == (8, 8, 8, 1)
    assert np.array_equal(data.images[..., 0], GOOD["images"])
    assert data.class_names == ("cat", "dog")


def test_split_may_be_numbers_or_truths(tmp_path: Path) -> None:
    for split in (np.array([0, 1] * 4), np.array([False, True] * 4)):
        data = load_arrays(tmp_path, split=split, labels=np.array([0, 0, 1, 1] * 2))
        assert data.test.sum() == 4
        assert np.array_equal(data.images[0, ..., 0], GOOD["images"][0])
        assert np.array_equal(data.images[4, ..., 0], GOOD["images"][1])


def test_without_a_split_every_class_has_its_share(tmp_path: Path) -> None:
    labels = np.array([0] * 20 + [1] * 10)
    data = load_arrays(tmp_path, images=noise(30, 8, 8), labels=labels, split=None, class_names=None)
    assert np.bincount(data.labels[data.test]).tolist() == [4, 2]  # 20 % of each
    assert data.class_names == ("0", "1")


def test_floats_become_the_nearest_bytes(tmp_path: Path) -> None:
    images = np.full((8, 8, 8, 3), [0.0, 0.5, 1.0], np.float32)
    assert load_arrays(tmp_path, images=images).images[0, 0, 0].tolist() == [0, 128, 255]


def test_the_smallest_and_largest_images_and_most_classes(tmp_path: Path) -> None:
    assert load_arrays(tmp_path, images=noise(8, 128, 128, 3)).images.shape[1:] == (128, 128, 3)
    labels = np.repeat(np.arange(1000), 2)
    data = load_arrays(tmp_path, images=noise(2000, 8, 8), labels=labels, split=None, class_names=None)
    assert len(data.class_names) == 1000


SAME = np.array([0, 1] * 4)
READ: dict[str, tuple[dict[str, Any], str]] = {
    "floats": ({"labels": np.array([0.0, 1.0] * 4)}, "whole numbers as floats"),
    "texts": ({"labels": np.array(["cat", "dog"] * 4)}, ""),
    "one-hot": ({"labels": np.eye(2)[SAME]}, r"2 columns, one a class \(one-hot\)"),
    "from 1": ({"labels": SAME + 1}, "counted from 1"),
    "a column": ({"labels": SAME[:, None]}, ""),
    "truths": ({"labels": SAME == 1}, ""),
    "channels first": ({"images": GOOD["images"][:, None]}, "channels first"),
    "floats of bytes": ({"images": GOOD["images"].astype(np.float64)}, "Floats from 0 to 255"),
    "texts as bytes": (
        {
            "labels": np.array([b"cat", b"dog"] * 4),
            "class_names": np.array([b"cat", b"dog"]),
            "split": np.array([b"train"] * 4 + [b"test"] * 4),
        },
        "",
    ),
    "more than is read": (
        {"val_images": GOOD["images"], "val_labels": SAME},
        "not read: val_images, val_labels",
    ),
    "opaque RGBA": (
        {"images": np.insert(np.repeat(GOOD["images"][..., None], 3, axis=3), 3, 255, axis=3)},
        "laid on white",
    ),
    "16 bits": ({"images": GOOD["images"].astype(np.uint16) * 257}, "65,535 as white"),
    "12 bits as floats": (
        {"images": np.round(GOOD["images"] * (4095 / 255))},
        "float64: 0 is read as black, 4,095 as white",
    ),
    "a validation part": (
        {"split": np.array(["train"] * 4 + ["Validation"] * 4)},
        "4 validation images are the test images",
    ),
    "four arrays, for validation": (
        {
            **dict.fromkeys(("images", "labels", "split")),
            **{"x_train": GOOD["images"][:4], "y_train": SAME[:4]},
            **{"x_val": GOOD["images"][4:], "y_val": SAME[4:]},
        },
        "",
    ),
    "four arrays": (
        {
            **dict.fromkeys(("images", "labels", "split")),
            **{"x_train": GOOD["images"][:4], "y_train": SAME[:4]},
            **{"x_test": GOOD["images"][4:], "y_test": SAME[4:]},
        },
        "",
    ),
}


@pytest.mark.parametrize("case", READ)
def test_forms_that_people_keep_are_recognized_and_said(tmp_path: Path, case: str) -> None:
    changes, note = READ[case]
    data = load_arrays(tmp_path, **changes)
    assert data.labels.tolist() == SAME.tolist()
    assert data.class_names == ("cat", "dog")
    assert np.array_equal(data.images[..., 0], GOOD["images"])
    assert data.test.tolist() == [False] * 4 + [True] * 4
    assert re.search(note, " ".join(data.notes))
    assert bool(note) == bool(data.notes)


def test_without_names_the_labels_that_occur_are_the_classes(tmp_path: Path) -> None:
    for labels, names in (([3, 10], ("3", "10")), ([-1, 1], ("-1", "1")), (["b", "a"], ("a", "b"))):
        data = load_arrays(tmp_path, labels=np.array(labels * 4), class_names=None)
        assert data.class_names == names
        assert [data.class_names[label] for label in data.labels] == list(map(str, labels * 4))


def test_channels_first_keep_their_colors(tmp_path: Path) -> None:
    images = noise(8, 9, 10, 3)
    data = load_arrays(tmp_path, images=images.transpose(0, 3, 1, 2))
    assert np.array_equal(data.images, images)


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.bool_])
def test_images_of_two_values_are_black_and_white(tmp_path: Path, kind: type) -> None:
    images = (noise(8, 8, 8) > 99).astype(kind)
    data = load_arrays(tmp_path, images=images)
    assert np.array_equal(data.images[..., 0], images * np.uint8(255))
    assert data.notes == ("Images of two values, 0 and 1, read as black and white",)


def test_transparent_arrays_are_laid_on_white(tmp_path: Path) -> None:
    """Ink is 7 and half transparent, of the last image white: 7 * 128 / 255 + 127 is 130.5."""
    images = np.zeros((8, 8, 8, 4), np.uint8)
    images[..., 0] = 255  # a red that is transparent
    images[:, :4] = (7, 7, 7, 128)
    images[-1, :4] = 255
    data = load_arrays(tmp_path, images=images)
    assert np.unique(data.images[:-1, :4]).tolist() == [131]
    assert (data.images[:, 4:] == 255).all()
    assert data.notes[1:] == ("1 image of one color now, with nothing to see",)


def test_arrays_are_given_the_size_that_is_wanted(tmp_path: Path) -> None:
    np.savez(tmp_path / "own.npz", **{**GOOD, "images": noise(8, 200, 100, 3)})
    data = load(Dataset(source="arrays", path=tmp_path / "own.npz", size=(16, 12)), seed=0)
    assert data.images.shape == (8, 16, 12, 3)
    assert data.notes == ("All 8 images cropped to 16x12 (height x width), from 200x100",)


CASES: dict[str, tuple[dict[str, Any], str]] = {
    "NaN": ({"images": np.full((8, 8, 8), np.nan)}, r"0 to 1.*nan in image 0.*512 such pixels"),
    "out of range": ({"images": np.full((8, 8, 8), 254.5)}, r"0 to 1.*254\.5 in image 0.*images / 255"),
    "a little over 1": ({"images": np.full((8, 8, 8), 1.001)}, r"0 to 1.*images\.clip\(0, 1\)"),
    "from -1 to 1": ({"images": np.linspace(-1, 1, 512).reshape(8, 8, 8)}, r"images = \(images \+ 1\) / 2"),
    "standardized": ({"images": np.linspace(-2.1, 2.6, 512).reshape(8, 8, 8)}, "seem standardized"),
    "20 bits": ({"images": np.full((8, 8, 8), 2**20)}, r"0 to 65535.*1048576 in image 0"),
    "negative": ({"images": np.full((8, 8, 8), -1)}, r"0 to 65535.*-1 in image 0"),
    "texts": ({"images": np.full((8, 8, 8), "x")}, "hold numbers"),
    "flat": ({"images": noise(8, 64)}, r"\(sample, y, x\).*\(8, 64\).*reshape\(8, 8, 8, 1\)"),
    "too small": ({"images": noise(8, 7, 8)}, "8x8 to 128x128.*7x8"),
    "too large": ({"images": noise(8, 8, 129)}, "8x8 to 128x128.*8x129"),
    "a photo": ({"images": noise(8, 160, 240, 3)}, r"160x240 with 3 channels.*dataset\]: size = \[40, 64\]"),
    "two channels": ({"images": noise(8, 8, 8, 2)}, "2 channels"),
    "counts": ({"images": noise(9, 8, 8)}, "9 images and 8 labels"),
    "no images": (
        {"images": noise(0, 8, 8), "labels": np.array([], int), "split": None},
        "has images.*none",
    ),
    "label too large": ({"labels": np.array([0, 1, 0, 2] * 2)}, r"0 to 1.*2 at image 3.*2 out of range"),
    "label negative": ({"labels": np.array([0, 1, 0, -1] * 2)}, "-1 at image 3"),
    "broken label": ({"labels": np.array([0.0, 0.5] * 4)}, r"whole numbers.*0\.5 at image 1.*astype\(str\)"),
    "soft labels": ({"labels": np.full((8, 2), 0.5)}, r"one-hot.*\(8, 2\).*argmax\(axis=1\)"),
    "text of no name": ({"labels": np.array(["cat", "cow"] * 4)}, r"one of class_names.*cow"),
    "dates": ({"labels": np.zeros(8, "datetime64[D]")}, r"integers or texts.*astype\(int\)"),
    "single class": (
        {"labels": np.zeros(8, int), "class_names": None},
        r"2 to 1,000 classes.*1 \(0\).*another class",
    ),
    "too many classes": ({"class_names": np.arange(1001).astype(str)}, "1,001"),
    "equal names": ({"class_names": np.array(["cat", "cat"])}, "cat twice"),
    "class without training images": (
        {"labels": np.array([0, 0, 0, 0, 1, 1, 1, 1])},
        "training images.*none of dog among 4",
    ),
    "no test images": ({"split": np.zeros(8, int)}, "test image"),
    "odd split": ({"split": np.array(["train", "spare"] * 4)}, "'validation' or 'test'"),
    "short split": ({"split": np.array([0, 1])}, "for 8 images"),
    "object images": ({"images": np.array([None] * 8)}, "never unpickled"),
    "a number for labels": ({"labels": np.array(3)}, r"one entry per image.*labels of shape \(\) in"),
    "a number for a split": ({"split": np.array(1)}, r"split of shape \(\) in"),
    "a table of names": ({"class_names": np.array([["cat", "dog"]])}, r"one name per class.*\(1, 2\)"),
    "a class without a name": ({"class_names": np.array(["cat", ""])}, "has a name.*class 1 of 2"),
    "bytes that are no text": ({"labels": np.array([b"\xff"] * 8)}, "plain arrays"),
    "three of four": (
        {
            **dict.fromkeys(("images", "labels", "split")),
            **{"x_train": GOOD["images"], "y_train": SAME, "x_test": GOOD["images"]},
        },
        r"x_train, y_train, x_test, y_test\. Found: .*Add y_test: numpy\.savez\('own\.npz', x_train=",
    ),
    "no images at all": ({"images": None}, "arrays images, labels.*class_names, labels, split.*Add images"),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_arrays_say_what_is_wrong_and_where(tmp_path: Path, case: str) -> None:
    changes, message = CASES[case]
    with pytest.raises(DataError, match=message) as error:
        load_arrays(tmp_path, **changes)
    assert "own.npz" in str(error.value)
    assert error.value.action


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "unpickled",)

    with pytest.raises(DataError, match="never unpickled"):
        load_arrays(tmp_path, images=np.array([Trap()] * 8))
    assert not (tmp_path / "unpickled").exists()


@pytest.mark.parametrize("case", NPZ)
def test_arrays_that_declare_more_than_they_have(
    tmp_path: Path, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By both doors, and without the memory that the zeros would take."""
    monkeypatch.setattr("deepvid.datasets.declared.FREE", 10**7)
    write, found = NPZ[case]
    write(tmp_path / "own.npz", "images")
    arrays = Dataset(source="arrays", path=tmp_path / "own.npz", classes=("a", "b"), test_share=1)
    write(tmp_path / "predictions.npz", "logits")
    tracemalloc.start()
    with pytest.raises(DataError, match=re.escape(found)):
        load(arrays, seed=0)
    with pytest.raises(DataError) as raised:
        open_table(Table(path=tmp_path / "predictions.npz"), class_names=("a", "b", "c"), images=4)
    assert tracemalloc.get_traced_memory()[1] < 2 * 10**7
    tracemalloc.stop()
    assert found in str(raised.value)


@pytest.mark.parametrize("content", [b"", b"text", b"\x93NUMPY\x01\x00", b"PK\x03\x04 cut off"])
def test_what_is_not_an_npz(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "own.npz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"own\.npz"):
        load(Dataset(source="arrays", path=path), seed=0)


def test_damaged_npz(tmp_path: Path) -> None:
    load_arrays(tmp_path)
    path = tmp_path / "own.npz"
    content = bytearray(path.read_bytes())
    content[300] ^= 1  # inside `images`: the zip's CRC notices
    path.write_bytes(content)
    with pytest.raises(DataError, match="plain arrays"):
        load(Dataset(source="arrays", path=path), seed=0)
