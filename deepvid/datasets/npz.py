"""Reading NumPy archives, never unpickling anything."""

import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from deepvid.errors import DataError
from deepvid.progress import SILENT, Progress


def read_npz(
    path: Path, required: Iterable[str], optional: Iterable[str] = (), *, progress: Progress = SILENT
) -> dict[str, np.ndarray]:
    """The named arrays of an .npz file. Raises `DataError` for one that is missing, broken or pickled."""
    arrays = {}
    try:
        if not zipfile.is_zipfile(path):
            raise zipfile.BadZipFile("not a whole zip archive")
        with np.load(path, allow_pickle=False) as archive:
            _require(path, required, archive.files)
            names = [name for name in (*required, *optional) if name in archive.files]
            for number, name in enumerate(names):
                progress.update(number, len(names), f"Reading {name} of {path.name}")
                arrays[name] = archive[name]
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(
            "An .npz file holds plain arrays (numbers, texts); objects are never unpickled",
            f"{path}: {error}",
            "Save it again with numpy.savez, from arrays of numbers",
        ) from error
    return arrays


def _require(path: Path, required: Iterable[str], held: Iterable[str]) -> None:
    missing = [name for name in required if name not in held]
    if missing:
        raise DataError(
            f"The .npz file has the arrays {', '.join(required)}",
            f"{', '.join(sorted(held)) or 'none'} in {path}",
            f"Add {', '.join(missing)}",
        )
