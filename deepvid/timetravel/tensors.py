"""Tensors of a .pth file, read without PyTorch and without running what the file says.

A .pth file is a zip of raw storages and a pickle that puts them together. A pickle is a program: this one may
name tensors, their storages and dictionaries, and whatever else it names is refused.
"""

import collections
import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Shaped

from deepvid.errors import DataError

STORAGES = {
    "FloatStorage": np.float32,
    "DoubleStorage": np.float64,
    "HalfStorage": np.float16,
    "LongStorage": np.int64,
    "IntStorage": np.int32,
    "ShortStorage": np.int16,
    "CharStorage": np.int8,
    "ByteStorage": np.uint8,
    "BoolStorage": np.bool_,
}
SAVE = "Save tensors alone: torch.save(tensor, path), or torch.save(model.state_dict(), path)"


def read_tensors(path: Path) -> Any:
    """Saved tensors: an array (...), or a dictionary, list or tuple of them.

    Raises `DataError` for a file that holds anything else, or is no such file.
    """
    try:
        with zipfile.ZipFile(path) as file:
            return _Tensors(path, file).load()
    except DataError:
        raise
    except Exception as error:  # a forged pickle can fail in any way
        raise DataError("A .pth file is a zip of tensors", f"{path}: {error!r}", SAVE) from error


class _Tensors(pickle.Unpickler):
    def __init__(self, path: Path, file: zipfile.ZipFile) -> None:
        self._path, self._file = path, file
        packed = [info.filename for info in file.infolist() if info.compress_type != zipfile.ZIP_STORED]
        if packed:  # so that what is read is never larger than the file
            raise self._refused(f"the compressed member {packed[0]!r}")
        (program,) = (name for name in file.namelist() if name.endswith("/data.pkl"))
        self._root = program.removesuffix("data.pkl")
        order = self._root + "byteorder"
        if order in file.namelist() and file.read(order) != b"little":
            raise self._refused("numbers that are not little-endian")
        super().__init__(io.BytesIO(file.read(program)))

    def find_class(self, module: str, name: str) -> Any:
        if module == "torch" and name in STORAGES:
            return name  # of what a pickle gets hold of it can change the state: a string has none
        known = {
            ("torch._utils", "_rebuild_tensor_v2"): self._tensor,
            ("torch._utils", "_rebuild_parameter"): lambda tensor, *_: tensor,
            ("collections", "OrderedDict"): collections.OrderedDict,
        }
        if (module, name) in known:
            return known[module, name]
        raise self._refused(f"the Python object {module}.{name}")

    def persistent_load(self, pid: Any) -> Shaped[np.ndarray, " number"]:
        _, storage, key, _, number = pid
        data: np.ndarray = np.frombuffer(self._file.read(f"{self._root}data/{key}"), STORAGES[storage])
        return data[:number]

    def _tensor(
        self, storage: np.ndarray, offset: int, shape: tuple[int, ...], stride: tuple[int, ...], *_: object
    ) -> Shaped[np.ndarray, "..."]:
        """Its own copy: a view that a file describes may reach outside its storage, or be far larger."""
        number = int(np.prod(shape, dtype=object))
        last = offset + sum((size - 1) * step for size, step in zip(shape, stride, strict=True))
        inside = min(offset, *shape, *stride, 0) >= 0 and last < len(storage) and number <= len(storage)
        if number and not inside:
            raise self._refused(f"a tensor of shape {shape} in a storage of {len(storage)} numbers")
        if not number:
            return np.zeros(shape, storage.dtype)
        steps = [step * storage.itemsize for step in stride]
        return np.lib.stride_tricks.as_strided(storage[offset:], shape, steps).copy()

    def _refused(self, found: str) -> DataError:
        return DataError(
            "A .pth file holds tensors, and nothing that has to be run", f"{found} in {self._path}", SAVE
        )
