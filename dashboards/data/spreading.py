"""A few of many, evenly spread over all of them."""

import numpy as np


def evenly(count: int, most: int) -> np.ndarray:
    """Places among `count`: all, or `most` of them with the first and the last: intp (place,)."""
    return np.linspace(0, count - 1, min(count, most)).round().astype(np.intp)
