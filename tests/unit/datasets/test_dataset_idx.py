"""IDX files: whole, broken, and the embedded ones."""

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from deepvid import resources
from deepvid.config import Dataset
from deepvid.datasets import load
from deepvid.datasets.catalogue import SOURCES
from deepvid.datasets.contract import Request
from deepvid.datasets.finding import Original
from deepvid.datasets.idx import FILES, Idx, decode, encode, pack
from deepvid.errors import DataError

TRAIN, TRAIN_LABELS, TEST, TEST_LABELS = FILES
Write = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (TRAIN, TEST):
        (tmp_path / name).write_bytes(pack(encode(np.arange(2 * 64, dtype=np.uint8).reshape(2, 8, 8))))
    for name in (TRAIN_LABELS, TEST_LABELS):
        (tmp_path / name).write_bytes(pack(encode(np.array([0, 1], np.uint8))))
    return tmp_path


def read(folder: Path) -> None:
    originals = {name: Original(hashlib.sha256((folder / name).read_bytes()).hexdigest()) for name in FILES}
    Idx("toy", ("a", "b"), originals).read(Request(folder, ()))


def test_a_file_reads_as_its_format_says() -> None:
    content = bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9])  # unsigned bytes, 1 dimension, 3 of them
    assert decode(content, 1, "toy").tolist() == [7, 8, 9]
    assert encode(np.array([7, 8, 9], np.uint8)) == content


def test_equal_content_packs_to_equal_bytes() -> None:
    packed = pack(b"content")
    assert gzip.decompress(packed) == b"content"
    assert packed[3] == 0, "flags: no name"
    assert packed[4:8] == bytes(4), "no date"


def test_truncated_gzip_names_the_file(folder: Path) -> None:
    (folder / TEST).write_bytes((folder / TEST).read_bytes()[:-9])
    with pytest.raises(DataError, match=f"whole gzip stream.*{TEST}.*download is probably broken"):
        read(folder)


def test_a_file_that_unpacks_to_more_than_any_has(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deepvid.datasets.idx._LARGEST", 10**6)
    (folder / TRAIN).write_bytes(gzip.compress(bytes(10**7)))
    with pytest.raises(DataError, match=f"at most 1,000,000 bytes.*more in .*{TRAIN}"):
        read(folder)


def test_what_is_not_gzip_names_the_file(folder: Path) -> None:
    (folder / TRAIN).write_bytes(b"<html>not found</html>")
    with pytest.raises(DataError, match=f"whole gzip stream.*{TRAIN}"):
        read(folder)


def test_wrong_magic_says_both(folder: Path) -> None:
    (folder / TRAIN).write_bytes((folder / TRAIN_LABELS).read_bytes())
    with pytest.raises(DataError, match=f"0x00000803.*{TRAIN} begins with 0x00000801"):
        read(folder)


def test_a_size_that_the_header_does_not_tell(folder: Path) -> None:
    content = encode(np.zeros((2, 8, 8), np.uint8))
    (folder / TRAIN).write_bytes(pack(content[:-1]))
    with pytest.raises(DataError, match=r"2x8x8 bytes.*holds 127"):
        read(folder)


def test_counts_differ(folder: Path) -> None:
    (folder / TEST_LABELS).write_bytes(pack(encode(np.zeros(3, np.uint8))))
    with pytest.raises(DataError, match=f"2 images and 3 labels.*{TEST}"):
        read(folder)


def test_mixed_sizes_name_the_file(folder: Path) -> None:
    (folder / TEST).write_bytes(pack(encode(np.zeros((2, 9, 8), np.uint8))))
    with pytest.raises(DataError, match=rf"one size.*{TEST} has \(9, 8\)"):
        read(folder)


def test_readable_files_that_are_not_the_originals(folder: Path) -> None:
    with pytest.raises(DataError, match=r"sha256.*published.*not the original"):
        load(Dataset(source="mnist", path=folder), seed=0)


def test_the_embedded_files_are_the_first_of_the_originals() -> None:
    data = load(Dataset(), seed=0)
    assert data.images.shape == (20_000, 28, 28, 1)
    assert data.test.sum() == 10_000
    assert data.labels[:10].tolist() == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]  # of the original train-labels
    assert np.bincount(data.labels[data.test]).tolist() == [1000] * 10
    assert data.class_names[0] == "T-shirt/top"


def test_the_embedded_files_carry_their_license() -> None:
    folder = resources.data() / "fashion_mnist_small"
    assert "Zalando SE" in (folder / "LICENSE").read_text()
    source = SOURCES["fashion_mnist_small"]
    assert isinstance(source, Idx)
    assert source.home == folder
