"""A person's own pictures: one folder a class."""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from deepvid.datasets.contract import Pictures, Request
from deepvid.datasets.finding import given
from deepvid.datasets.validation import check_shape
from deepvid.errors import DataError
from deepvid.progress import Progress

_SUFFIXES = frozenset({".png", ".jpg", ".jpeg"})
_GRAY, _COLOR = frozenset({"1", "L", "LA"}), frozenset({"P", "PA", "RGB", "RGBA", "CMYK", "YCbCr"})


class _Part(NamedTuple):
    """A folder of class folders."""

    path: Path
    test: bool

    def classes(self) -> list[Path]:
        return sorted(path for path in self.path.iterdir() if path.is_dir() and not path.name.startswith("."))


@dataclass(frozen=True)
class Folder:
    """PNG and JPEG files in class folders, either directly or inside `train` and `test`.

    Pictures are gray where all are, and RGB otherwise; transparency is dropped.
    """

    name: str

    def read(self, request: Request) -> Pictures:
        root = given(self.name, request)
        parts = _parts(root)
        files = _all_files(parts)
        names = sorted({folder.name for part in parts for folder in part.classes()})
        images, checksum = _read([path for path, _ in files], root, request.progress)
        labels = np.array([names.index(path.parent.name) for path, _ in files], np.int32)
        test = np.array([test for _, test in files], bool) if len(parts) > 1 else None
        return Pictures(images, labels, test, tuple(names), {root.name: checksum})

    def checksums(self, request: Request) -> Mapping[str, str]:
        root = given(self.name, request)
        digest = hashlib.sha256()
        for path, _ in _all_files(_parts(root)):
            _add(digest, path, root)
        return {root.name: digest.hexdigest()}


def _parts(root: Path) -> list[_Part]:
    if not root.is_dir():
        raise DataError("source = 'folder' names a folder", str(root), "Give the folder of the class folders")
    parts = [_Part(root / "train", False), _Part(root / "test", True)]
    return parts if all(part.path.is_dir() for part in parts) else [_Part(root, False)]


def _all_files(parts: list[_Part]) -> list[tuple[Path, bool]]:
    """Every picture in order, and whether it is a test image."""
    return [(path, part.test) for part in parts for folder in part.classes() for path in _files(folder)]


def _files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in _SUFFIXES and path.is_file() and not path.name.startswith(".")
    )


def _read(paths: list[Path], root: Path, progress: Progress) -> tuple[np.ndarray, str]:
    """Images (sample, y, x, channel), and one sha256 over all names and bytes in order."""
    images: list[np.ndarray] = []
    digest = hashlib.sha256()
    for number, path in enumerate(paths):
        progress.update(number, len(paths), f"Reading {path.parent.name}")
        images.append(_pixels(_add(digest, path, root), path))
        _check_size(images, paths)
    channels = max((image.shape[2] for image in images), default=1)
    colored = [np.broadcast_to(image, (*image.shape[:2], channels)) for image in images]
    return np.stack(colored) if colored else np.zeros((0, 8, 8, 1), np.uint8), digest.hexdigest()


def _add(digest: "hashlib._Hash", path: Path, root: Path) -> bytes:
    """The bytes of a picture, added to the digest with its name."""
    content = path.read_bytes()
    digest.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode() + content)
    return content


def _pixels(content: bytes, path: Path) -> np.ndarray:
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as picture:
            check_shape((picture.height, picture.width, 1), str(path))  # before anything large is decoded
            if picture.mode not in _GRAY | _COLOR:
                raise ValueError(f"{picture.mode} pixels, which are not 8 bits a channel")
            pixels = np.asarray(picture.convert("L" if picture.mode in _GRAY else "RGB"))
            return pixels if pixels.ndim == 3 else pixels[..., None]
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(
            "Every .png and .jpg file is a picture of 8 bits a channel that Pillow reads",
            f"{path}: {error}",
            "Replace or remove it",
        ) from error


def _check_size(images: list[np.ndarray], paths: list[Path]) -> None:
    first, last = images[0].shape[:2], images[-1].shape[:2]
    if first != last:
        raise DataError(
            "All pictures have one size",
            f"{paths[len(images) - 1]} is {last[1]}x{last[0]}, while {paths[0]} is {first[1]}x{first[0]}",
            "Resize them (width x height)",
        )
