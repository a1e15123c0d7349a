"""Reading NumPy archives, never unpickling anything, and nothing that is larger than its file says."""

import math
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.lib import format as npy

from deepvid.datasets.declared import require_plausible
from deepvid.errors import DataError
from deepvid.progress import SILENT, Progress
from deepvid.wording import first_few

_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


class ArrayHeader(NamedTuple):
    """Form of an array, before it is read."""

    shape: tuple[int, ...]
    dtype: np.dtype

    @property
    def size(self) -> int:
        """Bytes."""
        return math.prod(self.shape) * self.dtype.itemsize


def names_in(path: Path) -> frozenset[str]:
    """The names of the arrays of an .npz file. Raises `DataError` for one that is broken."""
    with _opened(path) as file:
        return frozenset(_members(file))


def declared_arrays(path: Path, names: Iterable[str]) -> dict[str, ArrayHeader]:
    """Those that an .npz file has of the named arrays. Raises `DataError` for a broken or pickled one."""
    with _opened(path) as file:
        members = _members(file)
        return {name: _declared(file, members[name], path) for name in names if name in members}


def read_npz(
    path: Path, required: Iterable[str], optional: Iterable[str] = (), *, progress: Progress = SILENT
) -> dict[str, np.ndarray]:
    """The named arrays of an .npz file.

    Raises `DataError` for one that is missing, broken or pickled, or takes much more than the file.
    """
    arrays = {}
    require_arrays(path, required, names_in(path))
    declared = declared_arrays(path, (*required, *optional))
    with _opened(path) as file:
        members = _members(file)
        for number, (name, form) in enumerate(declared.items()):
            progress.update(number, len(declared), f"Reading {name} of {path.name}")
            require_plausible(form.size, members[name].compress_size, f"{name} of {path}")
            with file.open(members[name]) as stream:
                arrays[name] = _texts(npy.read_array(stream, allow_pickle=False))
    return arrays


def require_arrays(path: Path, required: Iterable[str], held: Iterable[str]) -> None:
    """Raises `DataError` for the first that is missing."""
    required = tuple(required)
    missing = [name for name in required if name not in held]
    if missing:
        arrays = ", ".join(f"{name}=..." for name in required)
        raise DataError(
            f"The .npz file has the arrays {', '.join(required)}",
            f"{first_few(sorted(held)) or 'none'} in {path}",
            f"Add {', '.join(missing)}: numpy.savez({path.name!r}, {arrays})",
        )


def _members(file: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    return {member.filename.removesuffix(".npy"): member for member in file.infolist()}


def _declared(file: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> ArrayHeader:
    """Raises ValueError for a member that is no array of the size that it has."""
    with file.open(member) as stream:
        try:
            shape, _, dtype = _HEADERS[npy.read_magic(stream)](stream)
        except Exception as error:  # a forged header can fail in any way
            raise ValueError(f"{member.filename} has no header of an array: {error!r:.200}") from error
        declared, held = ArrayHeader(shape, dtype), member.file_size - stream.tell()
    if dtype.hasobject:
        raise ValueError(f"{member.filename} holds objects")
    if declared.size != held or dtype.itemsize == 0:
        raise ValueError(f"{member.filename} declares {declared.size:,} bytes and has {held:,}")
    if member.compress_size > path.stat().st_size:
        raise ValueError(f"{member.filename} is larger than the file")
    return declared


def _texts(array: np.ndarray) -> np.ndarray:
    """Texts that are kept as bytes are texts in UTF-8; everything else stays as it is."""
    return np.char.decode(array, "utf-8") if array.dtype.kind == "S" else array


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as file:
            yield file
    except (
        OSError,
        ValueError,
        EOFError,
        RuntimeError,
        MemoryError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise DataError(
            "An .npz file holds plain arrays (numbers, texts); objects are never unpickled",
            f"{path}: {str(error).rstrip('.')}",
            "Save it again with numpy.savez, from arrays of numbers or texts: labels = labels.astype(str)",
        ) from error
