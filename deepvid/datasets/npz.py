"""Reading NumPy archives, never unpickling anything."""

import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from deepvid.errors import DataError
from deepvid.progress import SILENT, Progress


def read_npz(
    path: Path, required: Iterable[str], optional: Iterable[str] = (), *, progress: Progress = SILENT
) -> dict[str, np.ndarray]:
    """The named arrays of an .npz file. Raises `DataError` for one that is missing, broken or pickled."""
    arrays = {}
    with _opened(path) as archive:
        _require(path, required, archive.files)
        names = [name for name in (*required, *optional) if name in archive.files]
        for number, name in enumerate(names):
            progress.update(number, len(names), f"Reading {name} of {path.name}")
            arrays[name] = _texts(archive[name])
    return arrays


def names_in(path: Path) -> frozenset[str]:
    """The names of the arrays of an .npz file. Raises `DataError` for one that is broken."""
    with _opened(path) as archive:
        return frozenset(archive.files)


def _texts(array: np.ndarray) -> np.ndarray:
    """Texts that are kept as bytes are texts in UTF-8; everything else stays as it is."""
    return np.char.decode(array, "utf-8") if array.dtype.kind == "S" else array


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        if not zipfile.is_zipfile(path):
            raise zipfile.BadZipFile("not a whole zip archive")
        with np.load(path, allow_pickle=False) as archive:
            yield archive
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(
            "An .npz file holds plain arrays (numbers, texts); objects are never unpickled",
            f"{path}: {error}",
            "Save it again with numpy.savez, from arrays of numbers or texts: labels = labels.astype(str)",
        ) from error


def _require(path: Path, required: Iterable[str], held: Iterable[str]) -> None:
    required = tuple(required)
    missing = [name for name in required if name not in held]
    if missing:
        arrays = ", ".join(f"{name}=..." for name in required)
        raise DataError(
            f"The .npz file has the arrays {', '.join(required)}",
            f"{', '.join(sorted(held)) or 'none'} in {path}",
            f"Add {', '.join(missing)}: numpy.savez({path.name!r}, {arrays})",
        )
