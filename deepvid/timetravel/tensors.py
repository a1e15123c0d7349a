"""Tensors of a .pth file, read without PyTorch and without running what the file says.

A .pth file is a zip of raw storages and a pickle that puts them together. A pickle is a program: this one may
name tensors, their storages and dictionaries, and whatever else it names is refused.
"""

import collections
import io
import math
import pickle
import pickletools
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
LONGEST = 2**22  # bytes of a program: an empty list of one byte takes 64 in memory
LARGEST, DIMENSIONS = 2**63, 64  # a size, step or offset; sizes of an array

# All that torch.save writes. Only names and tensors are referred to again: a tuple of tuples that is, ten
# times at each of twelve levels, has a hash that takes for ever.
_NAMED = frozenset({"GLOBAL", "BINUNICODE", "REDUCE"})
_PUT, _GET = frozenset({"BINPUT", "LONG_BINPUT"}), frozenset({"BINGET", "LONG_BINGET"})
_OPERATIONS = _NAMED | _PUT | _GET | frozenset((
    "PROTO", "STOP", "MARK", "NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1",
    "BINFLOAT", "EMPTY_LIST", "APPEND", "APPENDS", "EMPTY_DICT", "SETITEM", "SETITEMS", "EMPTY_TUPLE",
    "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "BINPERSID", "BUILD",
))  # fmt: skip
SAVE = "Save tensors alone: torch.save(tensor, path), or torch.save(model.state_dict(), path)"


def read_tensors(path: Path) -> Any:
    """Saved tensors: an array (...), read only, or a dictionary, list or tuple of them.

    All of them together take no more memory than the file. Raises `DataError` for a file that holds anything
    else, or is no such file.
    """
    try:
        with zipfile.ZipFile(path) as file:
            value = _Tensors(path, file).load()
            return dict(value) if isinstance(value, dict) else value
    except DataError:
        raise
    except Exception as error:  # a forged pickle can fail in any way
        raise DataError("A .pth file is a zip of tensors", f"{path}: {error!r}", SAVE) from error


class _Tensors(pickle.Unpickler):
    def __init__(self, path: Path, file: zipfile.ZipFile) -> None:
        self._path, self._file = path, file
        packed = [info.filename for info in file.infolist() if info.compress_type != zipfile.ZIP_STORED]
        if packed:
            raise self._refused(f"the compressed member {packed[0]!r}")
        members = sum(info.file_size for info in file.infolist())
        if members > (size := path.stat().st_size):  # they lie in each other
            raise self._refused(f"members of {members:,} bytes in {size:,}")
        (program,) = (name for name in file.namelist() if name.endswith("/data.pkl"))
        self._root = program.removesuffix("data.pkl")
        order = self._root + "byteorder"
        if order in file.namelist() and file.read(order) != b"little":
            raise self._refused("numbers that are not little-endian")
        if (length := file.getinfo(program).file_size) > LONGEST:
            raise self._refused(f"a pickle of {length:,} bytes, more than the {LONGEST:,} of any network")
        self._storages: dict[str, bytes] = {}
        pickled = file.read(program)
        self._check(pickled)
        super().__init__(io.BytesIO(pickled))

    def _check(self, pickled: bytes) -> None:
        again: set[object] = set()
        last = ""
        for operation, argument, _ in pickletools.genops(pickled):
            name = operation.name
            if name not in _OPERATIONS or (name in _GET and argument not in again):
                raise self._refused(f"the pickle's operation {name}, which torch.save does not write there")
            if name in _PUT:
                (again.add if last in _NAMED else again.discard)(argument)
            last = name

    def find_class(self, module: str, name: str) -> Any:
        if module == "torch" and name in STORAGES:
            return name  # of what a pickle gets hold of it can change the state: a string has none
        known = {
            ("torch._utils", "_rebuild_tensor_v2"): self._tensor,
            ("torch._utils", "_rebuild_parameter"): lambda tensor, *_: self._array(tensor),
            ("collections", "OrderedDict"): collections.OrderedDict,
        }
        if (module, name) in known:
            return known[module, name]
        raise self._refused(f"the Python object {module}.{name}")

    def persistent_load(self, pid: Any) -> Shaped[np.ndarray, " number"]:
        _, storage, key, _, number = pid
        if not (isinstance(storage, str) and isinstance(key, str)):
            raise self._refused("a storage without a name")
        if key not in self._storages:
            self._storages[key] = self._file.read(f"{self._root}data/{key}")
        data: np.ndarray = np.frombuffer(self._storages[key], STORAGES[storage])
        return data[:number]

    def _tensor(
        self, storage: Any, offset: int, shape: tuple[int, ...], stride: tuple[int, ...], *_: object
    ) -> Shaped[np.ndarray, "..."]:
        """A view of its storage: what a file describes may reach outside it, or be far larger."""
        storage, numbers = self._array(storage), (offset, *shape, *stride)
        whole = all(type(number) is int and abs(number) < LARGEST for number in numbers)
        if not whole or len(shape) > DIMENSIONS:
            raise self._refused("a tensor whose shape is not of whole numbers")
        number = math.prod(shape)
        last = offset + sum((size - 1) * step for size, step in zip(shape, stride, strict=True))
        inside = min(offset, *shape, *stride, 0) >= 0 and last < len(storage) and number <= len(storage)
        if number and not inside:
            raise self._refused(f"a tensor of shape {shape} in a storage of {len(storage)} numbers")
        if not number:
            return np.zeros(shape, storage.dtype)
        steps = [step * storage.itemsize for step in stride]
        return np.lib.stride_tricks.as_strided(storage[offset:], shape, steps, writeable=False)

    def _array(self, value: Any) -> np.ndarray:
        if not isinstance(value, np.ndarray):
            raise self._refused(f"a {type(value).__name__} in the place of a tensor")
        return value

    def _refused(self, found: str) -> DataError:
        return DataError(
            "A .pth file holds tensors, and nothing that has to be run", f"{found} in {self._path}", SAVE
        )
