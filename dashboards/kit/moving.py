"""Points at several moments, packed for the browser, which moves them from one to the next by itself."""

from typing import TypedDict

import numpy as np

NOWHERE = 65535  # of a coordinate


class Label(TypedDict):
    """A class, and where its name stands at each moment."""

    text: str
    color: str
    at: list[list[float]]  # (moment, 2)


def pack(position: np.ndarray, span: np.ndarray) -> bytes:
    """uint16 (moment, point, 2), little endian: shares in 1/65534 of what lies between the corners f64 (2, 2)
    of the span, the lowest first; `NOWHERE` for NaN.
    """
    share = (position - span[0]) / np.maximum(span[1] - span[0], np.finfo(np.float32).eps)
    return np.where(np.isnan(share), NOWHERE, np.rint((NOWHERE - 1) * share)).astype("<u2").tobytes()
