"""Arrays of any framework as NumPy's own."""

from typing import Any

import numpy as np

from deepvid.errors import DataError


def array_of(value: Any, what: str) -> np.ndarray:
    """Of a tensor on any device, with a gradient or without, an array or a list. Raises DataError."""
    if hasattr(value, "detach"):  # PyTorch
        value = value.detach().cpu()
        if value.dtype.itemsize == 2 and value.dtype.is_floating_point:
            value = value.float()  # NumPy has no bfloat16
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise _no_array(what, f"{type(value).__name__}: {error}") from error
    if array.dtype == object or array.ndim == 0:
        raise _no_array(what, type(value).__name__ if array.ndim == 0 else "parts of several shapes")
    return array


def floats_of(value: Any, what: str, dims: tuple[str, ...]) -> np.ndarray:
    """float32 with as many dimensions as `dims` names. Raises DataError for what is no such numbers."""
    array = array_of(value, what)
    number = array.dtype.kind in "fiu" or array.dtype.name == "bfloat16"
    if not number or array.ndim != len(dims):
        raise DataError(
            f"{what} are numbers ({', '.join(dims)})",
            f"{array.dtype} of shape {array.shape}",
            "Give one row per sample, as the classifier's last layer reads and gives them"
            if dims[0] == "sample"
            else "Give those of the classifier's last layer",
        )
    return array.astype(np.float32, copy=False)


def _no_array(what: str, found: str) -> DataError:
    return DataError(
        f"{what} are one array or tensor",
        found,
        "Join them first, as numpy.concatenate or torch.cat does with the answers for several batches",
    )
