"""What networks return: an array or tensor alone, or among other things."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from deepvid.errors import DataError


def scores_in(returned: Any) -> Any:
    """The scores of a tuple or list (the first), a mapping ("logits") or an object with `logits`."""
    logits = returned.get("logits") if isinstance(returned, Mapping) else getattr(returned, "logits", None)
    if logits is not None:
        return logits
    if isinstance(returned, tuple) or (isinstance(returned, list) and not _is_rows(returned)):
        return scores_in(returned[0]) if returned else returned
    return returned


def array_of(value: Any) -> np.ndarray:
    """float32, of a tensor on any device, an array or a list. Raises DataError for anything else."""
    if hasattr(value, "detach"):  # PyTorch
        value = value.detach().float().cpu()
    try:
        array = np.asarray(value)
        if array.dtype == object:
            raise TypeError("no numbers")
        return array.astype(np.float32, copy=False)
    except (TypeError, ValueError) as error:
        raise DataError(
            "A model returns numbers, one row of outputs per image",
            f"{type(value).__name__}: {error}",
            "Return one array or tensor, or a tuple, mapping or object whose logits are one",
        ) from error


def _is_rows(returned: list[Any]) -> bool:
    """A list of numbers, or of lists of them, is an array; one of arrays is several outputs."""
    return bool(returned) and isinstance(returned[0], int | float | list | np.number)
