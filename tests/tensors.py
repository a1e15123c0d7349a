"""Writes .pth files as PyTorch does, without it."""

import io
import pickle
import sys
import zipfile
from collections import OrderedDict
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

STORAGE = {np.dtype(np.float32): "FloatStorage", np.dtype(np.int64): "LongStorage"}


class _Storage:
    def __init__(self, data: np.ndarray) -> None:
        self.data = data


class _Tensor:
    """Pickled as a call of torch._utils._rebuild_tensor_v2, with these offsets, shapes and strides."""

    def __init__(self, storage: _Storage, offset: int, shape: Any, stride: Any) -> None:
        self.parts = (storage, offset, shape, stride, False, OrderedDict())

    def __reduce__(self) -> Any:
        return sys.modules["torch._utils"]._rebuild_tensor_v2, self.parts


def tensor(array: np.ndarray) -> _Tensor:
    array = np.array(array, order="C")
    return _Tensor(_Storage(array), 0, array.shape, tuple(step // array.itemsize for step in array.strides))


def view(storage: np.ndarray, offset: int, shape: Any, stride: Any) -> _Tensor:
    """A tensor that need not lie in its storage."""
    return _Tensor(_Storage(storage), offset, shape, stride)


def save(path: Path, value: Any, compression: int = zipfile.ZIP_STORED) -> None:
    torch, utils = ModuleType("torch"), ModuleType("torch._utils")
    for name in STORAGE.values():
        setattr(torch, name, type(name, (), {"__module__": "torch"}))

    def _rebuild_tensor_v2(*_: object) -> None: ...

    _rebuild_tensor_v2.__module__, _rebuild_tensor_v2.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = _rebuild_tensor_v2  # type: ignore[attr-defined]
    torch._utils = utils  # type: ignore[attr-defined]
    storages: list[np.ndarray] = []

    class Pickler(pickle.Pickler):
        def persistent_id(self, obj: Any) -> Any:
            if not isinstance(obj, _Storage):
                return None
            if not any(obj.data is data for data in storages):
                storages.append(obj.data)
            (key,) = (number for number, data in enumerate(storages) if data is obj.data)
            kind = getattr(torch, STORAGE[obj.data.dtype])
            return ("storage", kind, str(key), "cpu", obj.data.size)

    program = io.BytesIO()
    kept = {name: sys.modules.get(name) for name in ("torch", "torch._utils")}
    sys.modules.update({"torch": torch, "torch._utils": utils})
    try:
        Pickler(program, protocol=2).dump(value)
    finally:
        for name, module in kept.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", compression) as file:
        file.writestr("archive/data.pkl", program.getvalue())
        file.writestr("archive/byteorder", "little")
        for number, data in enumerate(storages):
            file.writestr(f"archive/data/{number}", data.tobytes())
