"""The binary version of CIFAR-10. Format: https://www.cs.toronto.edu/~kriz/cifar.html, "binary version"."""

import lzma
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

import numpy as np

from deepvid.datasets.contract import Pictures, Request
from deepvid.datasets.finding import Original, find_one
from deepvid.datasets.validation import check_original
from deepvid.errors import DataError

_PLACES = ("cifar-10-binary.tar.gz", "cifar-10-binary.tar.xz", "cifar-10-batches-bin")
_TEST = "test_batch.bin"
_RECORD = 1 + 3 * 32 * 32  # a label, then the planes of red, green and blue
_LARGEST = 10_000 * _RECORD


@dataclass(frozen=True)
class Cifar10:
    """Five training files and a test file in a folder, or in an archive of it however compressed."""

    name: str
    class_names: tuple[str, ...]
    archive: Mapping[str, Original]
    checksums: Mapping[str, str]  # of the six files, training first

    def read(self, request: Request) -> Pictures:
        path = find_one(self.name, _PLACES, self.archive, request)
        records: dict[str, np.ndarray] = {}
        for name, content in self._files(path):
            request.progress.update(len(records), len(self.checksums), f"Reading {name}")
            records[name] = _records(content, f"{name} of {path}")
            check_original(content, self.checksums[name], f"{name} of {path}")
        return self._joined(records, path)

    def _files(self, path: Path) -> Iterator[tuple[str, bytes]]:
        if path.is_dir():
            return ((name, (path / name).read_bytes()) for name in self.checksums if (path / name).is_file())
        return members(path, frozenset(self.checksums), _LARGEST)

    def _joined(self, records: Mapping[str, np.ndarray], path: Path) -> Pictures:
        missing = [name for name in self.checksums if name not in records]
        if missing:
            raise DataError(
                f"CIFAR-10 is the files {', '.join(self.checksums)}",
                f"no {', '.join(missing)} in {path}",
                "Put them there",
            )
        rows = np.concatenate([records[name] for name in self.checksums])
        test = np.concatenate([np.full(len(records[name]), name == _TEST) for name in self.checksums])
        images = np.ascontiguousarray(rows[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
        return Pictures(images, rows[:, 0], test, self.class_names, dict(self.checksums))


def _records(content: bytes, where: str) -> np.ndarray:
    if len(content) % _RECORD:
        raise DataError(
            f"A CIFAR-10 file is records of {_RECORD} bytes",
            f"{len(content)} bytes in {where}",
            "The file is probably truncated: get it again",
        )
    return np.frombuffer(content, np.uint8).reshape(-1, _RECORD)


def members(archive: Path, names: frozenset[str], largest: int) -> Iterator[tuple[str, bytes]]:
    """The files of `archive` with these last names, and their bytes, in the archive's order.

    Raises `DataError` for a broken archive, one with a member that could leave its folder (an absolute path,
    `..`, a link, a device), or a member of more than `largest` bytes.
    """
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                _refuse_unsafe(member, archive)
                name = PurePosixPath(member.name).name
                if member.isfile() and name in names:
                    yield name, _content(tar, member, largest, archive)
    except (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        raise DataError(
            "A data archive is a whole tar file, plain or compressed by gzip or xz",
            f"{archive}: {error}",
            "The download is probably broken: delete the file and get it again",
        ) from error


def _refuse_unsafe(member: tarfile.TarInfo, archive: Path) -> None:
    leaves = ".." in PureWindowsPath(member.name).parts  # splits at / and \
    absolute = member.name.startswith(("/", "\\")) or PureWindowsPath(member.name).drive
    if leaves or absolute or not (member.isfile() or member.isdir()):
        kind = "a path with '..'" if leaves else "an absolute path" if absolute else "a link or device"
        raise DataError(
            "The members of a data archive are plain files inside it",
            f"{member.name!r} in {archive}, {kind}",
            "Do not use this archive: get the original",
        )


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo, largest: int, archive: Path) -> bytes:
    if member.size > largest:
        raise DataError(
            f"{member.name} has at most {largest} bytes",
            f"{member.size} in {archive}",
            "Get the original archive",
        )
    file = tar.extractfile(member)
    assert file is not None  # only links and folders have none
    return file.read()
