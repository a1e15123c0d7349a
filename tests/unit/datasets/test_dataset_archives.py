"""CIFAR-10 in an archive or a folder; archives that try to leave their folder."""

import hashlib
import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from deepvid.datasets.cifar10 import Cifar10, members
from deepvid.datasets.contract import Pictures, Request
from deepvid.errors import DataError

NAMES = (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin")


def record(label: int, red: int, green: int, blue: int) -> bytes:
    return bytes([label]) + bytes([red]) * 1024 + bytes([green]) * 1024 + bytes([blue]) * 1024


FILES = {name: record(number, 10, 20, 30 + number) for number, name in enumerate(NAMES)}


def archive(path: Path, files: dict[str, bytes], *extra: tarfile.TarInfo) -> Path:
    mode = "w:gz" if path.suffix == ".gz" else "w:xz" if path.suffix == ".xz" else "w"
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
        for info in extra:
            tar.addfile(info, io.BytesIO(bytes(info.size)))
        for name, content in files.items():
            info = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def read(path: Path) -> Pictures:
    checksums = {name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()}
    return Cifar10("cifar10", tuple("abcdef"), {}, checksums).read(Request(path, ()))


def check(pictures: Pictures) -> None:
    assert pictures.images.shape == (6, 32, 32, 3)
    assert pictures.images[5, 31, 0].tolist() == [10, 20, 35]
    assert pictures.labels.tolist() == [0, 1, 2, 3, 4, 5]
    assert pictures.test is not None
    assert pictures.test.tolist() == [False] * 5 + [True]


@pytest.mark.parametrize("suffix", ["tar.gz", "tar.xz", "tar"])
def test_b_d1_an_archive_however_compressed(tmp_path: Path, suffix: str) -> None:
    check(read(archive(tmp_path / f"cifar-10-binary.{suffix}", FILES)))


def test_the_order_of_members_does_not_matter(tmp_path: Path) -> None:
    check(read(archive(tmp_path / "own.tar", dict(reversed(FILES.items())))))


def test_a_folder(tmp_path: Path) -> None:
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    check(read(tmp_path))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = archive(tmp_path / "own.tar", {name: FILES[name] for name in NAMES[1:]})
    with pytest.raises(DataError, match=r"no data_batch_1\.bin in"):
        read(path)


def test_other_bytes_than_the_originals(tmp_path: Path) -> None:
    path = archive(tmp_path / "own.tar", FILES | {NAMES[2]: record(0, 0, 0, 0)})
    with pytest.raises(DataError, match=r"data_batch_3\.bin of .* published"):
        read(path)


def test_a_file_that_is_cut_off(tmp_path: Path) -> None:
    path = archive(tmp_path / "own.tar", FILES | {NAMES[0]: FILES[NAMES[0]][:-1]})
    with pytest.raises(DataError, match=r"records of 3073 bytes.*3072 bytes in data_batch_1"):
        read(path)


@pytest.mark.parametrize("suffix", ["gz", "xz"])
def test_a_truncated_archive(tmp_path: Path, suffix: str) -> None:
    noise = np.random.default_rng(0).bytes(50_000)
    path = archive(tmp_path / f"own.tar.{suffix}", FILES | {"noise": noise})
    path.write_bytes(path.read_bytes()[:-20_000])
    with pytest.raises(DataError, match=r"whole tar file.*download is probably broken"):
        read(path)


def member(name: str, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = "elsewhere" if kind != tarfile.REGTYPE else ""
    return info


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (member("cifar-10-batches-bin/../../x"), r"a path with '\.\.'"),
        (member("..\\x"), r"a path with '\.\.'"),
        (member("/etc/x"), "an absolute path"),
        (member("C:\\x"), "an absolute path"),
        (member("x", tarfile.SYMTYPE), "a link"),
        (member("x", tarfile.LNKTYPE), "a link"),
        (member("x", tarfile.FIFOTYPE), "a link or device"),
    ],
)
def test_members_that_could_leave_the_folder(tmp_path: Path, bad: tarfile.TarInfo, reason: str) -> None:
    path = archive(tmp_path / "own.tar", FILES, bad)
    with pytest.raises(DataError, match=f"plain files inside it.*{reason}.*get the original"):
        read(path)


def test_a_member_larger_than_allowed(tmp_path: Path) -> None:
    path = archive(tmp_path / "own.tar", {"big": bytes(11)})
    assert [content for _, content in members(path, frozenset({"big"}), 11)] == [bytes(11)]
    with pytest.raises(DataError, match=r"at most 10 bytes.*11 in"):
        list(members(path, frozenset({"big"}), 10))
