"""Numbers that are stored in 16 bits."""

import numpy as np

LARGEST = float(np.finfo(np.float16).max)


def to_float16(values: np.ndarray) -> np.ndarray:
    """As float16; what is larger is the largest there is."""
    return np.clip(values, -LARGEST, LARGEST).astype(np.float16)
