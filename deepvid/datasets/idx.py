"""The IDX files of MNIST and its relatives. Format: http://yann.lecun.com/exdb/mnist, "file formats"."""

import gzip
import io
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deepvid.datasets.contract import Pictures, Request
from deepvid.datasets.finding import Original, find_files
from deepvid.datasets.validation import check_counts, check_original
from deepvid.errors import DataError

FILES = {  # and their dimensions
    "train-images-idx3-ubyte.gz": 3,
    "train-labels-idx1-ubyte.gz": 1,
    "t10k-images-idx3-ubyte.gz": 3,
    "t10k-labels-idx1-ubyte.gz": 1,
}
_UNSIGNED_BYTE = 0x08
_LARGEST = 16 + 60_000 * 28 * 28  # bytes of a file, unpacked


@dataclass(frozen=True)
class Idx:
    """Four gzipped IDX files; `originals` says what their bytes are and, where known, their address."""

    name: str
    class_names: tuple[str, ...]
    originals: Mapping[str, Original]
    home: Path | None = None  # the folder of a data set that comes with DeepVID

    def read(self, request: Request) -> Pictures:
        if self.home is not None and request.path is None:
            request = request._replace(path=self.home)
        paths = find_files(self.name, FILES, self.originals, request)
        arrays, checksums = [], {}
        for number, path in enumerate(paths):
            request.progress.update(number, len(FILES), f"Reading {path.name}")
            content = path.read_bytes()
            arrays.append(decode(_unpacked(content, path), FILES[path.name], str(path)))
            checksums[path.name] = check_original(content, self.originals[path.name].checksum, str(path))
        return self._joined(arrays, paths, checksums)

    def _joined(self, arrays: list[np.ndarray], paths: list[Path], checksums: Mapping[str, str]) -> Pictures:
        train, train_labels, test, test_labels = arrays
        check_counts(len(train), len(train_labels), f"{paths[0]} and {paths[1].name}")
        check_counts(len(test), len(test_labels), f"{paths[2]} and {paths[3].name}")
        if train.shape[1:] != test.shape[1:]:
            raise DataError(
                "All images have one size",
                f"{paths[2]} has {test.shape[1:]}, {paths[0].name} has {train.shape[1:]}",
                "Put the files of one data set there",
            )
        held_out = np.repeat([False, True], [len(train), len(test)])
        images, labels = np.concatenate([train, test]), np.concatenate([train_labels, test_labels])
        return Pictures(images, labels, held_out, self.class_names, checksums)


def decode(content: bytes, dimensions: int, where: str) -> np.ndarray:
    """The unsigned bytes of an IDX file, of shape (sample,) or (sample, y, x)."""
    magic = _UNSIGNED_BYTE << 8 | dimensions
    header = 4 * (1 + dimensions)
    if len(content) < header or content[:4] != magic.to_bytes(4, "big"):
        raise DataError(
            f"An IDX file of {dimensions} dimension{'s' * (dimensions > 1)} begins with 0x{magic:08x}",
            f"{where} begins with 0x{content[:4].hex()}",
            "Replace it with the original file",
        )
    shape = struct.unpack(f">{dimensions}I", content[4:header])
    if len(content) - header != np.prod(shape, dtype=object):
        raise DataError(
            f"The header of an IDX file tells its size: {'x'.join(map(str, shape))} bytes",
            f"{where} holds {len(content) - header}",
            "Replace it with the original file",
        )
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def encode(array: np.ndarray) -> bytes:
    """The inverse of `decode`, for uint8 arrays."""
    return (
        struct.pack(f">{1 + array.ndim}I", _UNSIGNED_BYTE << 8 | array.ndim, *array.shape) + array.tobytes()
    )


def pack(content: bytes) -> bytes:
    """Gzipped without name and date, so that equal content gives equal bytes."""
    packed = io.BytesIO()
    with gzip.GzipFile("", "wb", 9, packed, mtime=0) as file:
        file.write(content)
    return packed.getvalue()


def _unpacked(content: bytes, path: Path) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            unpacked = file.read(_LARGEST + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(
            "A .gz file is a whole gzip stream",
            f"{path}: {error} ({len(content)} bytes)",
            "The download is probably broken: delete the file and get it again",
        ) from error
    if len(unpacked) > _LARGEST:
        raise DataError(
            f"An IDX file has at most {_LARGEST:,} bytes",
            f"more in {path}",
            "Replace it with the original file",
        )
    return unpacked
