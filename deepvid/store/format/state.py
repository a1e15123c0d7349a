"""States of trainings and texts as arrays of bytes: a resumed run equals an uninterrupted one."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from deepvid import fields
from deepvid.errors import DamagedError, StoreError
from deepvid.store.format.schema import dataset_of


def pack(state: Mapping[str, np.ndarray]) -> xr.Dataset:
    """The arrays of `state` end to end, bit for bit, with their layout in the attributes."""
    arrays = {name: np.ascontiguousarray(value).reshape(np.shape(value)) for name, value in state.items()}
    for name, array in arrays.items():
        if array.dtype.kind not in "buifc":
            raise StoreError(
                "A training state holds plain NumPy numbers",
                f"{name!r} of type {array.dtype}",
                "Convert it (jax.random.key_data for keys) before it is committed",
            )
    layout = [[name, array.dtype.str, list(array.shape)] for name, array in arrays.items()]
    data = np.frombuffer(b"".join(array.tobytes() for array in arrays.values()), np.uint8)
    return dataset_of(fields.STATE, {"bytes": data}, {"layout": layout})


def unpack(dataset: xr.Dataset) -> dict[str, np.ndarray]:
    """The arrays that `pack` was given, new memory. Raises DamagedError for a layout of other bytes."""
    try:
        return _laid_out(dataset["bytes"].values.tobytes(), dataset.attrs["layout"])
    except (TypeError, ValueError) as error:
        raise DamagedError(
            "The bytes of a training state are laid out as it says",
            str(error),
            "Restore the run from a copy, or train it anew in another store",
        ) from error


def _laid_out(data: bytes, layout: list[tuple[str, str, list[int]]]) -> dict[str, np.ndarray]:
    state, offset = {}, 0
    for name, dtype, shape in layout:
        count = math.prod(shape)
        state[name] = np.frombuffer(data, dtype, count, offset).reshape(shape).copy()
        offset += count * np.dtype(dtype).itemsize
    return state


def texts_as_bytes(texts: Sequence[str]) -> np.ndarray:
    """uint8 (text, byte), as wide as the longest; what is no text of UTF-8 keeps its bytes."""
    encoded = np.array([text.encode("utf-8", "surrogateescape") for text in texts] or [b""], "S")
    width = max(1, encoded.dtype.itemsize)
    return encoded.astype(f"S{width}").view(np.uint8).reshape(-1, width)[: len(texts)]


def texts_from_bytes(rows: np.ndarray) -> list[str]:
    """The texts of uint8 (text, byte); bytes that are no UTF-8 are shown as such."""
    whole = np.ascontiguousarray(rows, np.uint8)
    texts = whole.view(f"S{whole.shape[1]}").ravel().tolist() if whole.size else []
    return [text.decode("utf-8", "backslashreplace") for text in texts]
