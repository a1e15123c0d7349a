"""A few of many spread evenly over all of them, and values of items over the rows of a table."""

import numpy as np


def evenly(count: int, most: int) -> np.ndarray:
    """Places among `count`: all, or `most` of them with the first and the last: intp (place,)."""
    return np.linspace(0, count - 1, min(count, most)).round().astype(np.intp)


def over_rows(values: np.ndarray, row: np.ndarray, rows: int) -> np.ndarray:
    """f32 (row, ...) of values (item, ...), whose rows are `row` (item,), -1 of none; NaN of other rows."""
    spread = np.full((rows, *values.shape[1:]), np.nan, np.float32)
    spread[row[row >= 0]] = values[row >= 0]
    return spread


def rows_of(samples: np.ndarray, row_of_sample: np.ndarray) -> np.ndarray:
    """int (item,): the rows of samples; -1 of one that has none, as a foreign archive may say."""
    inside = (samples >= 0) & (samples < len(row_of_sample))
    return np.where(inside, row_of_sample[np.where(inside, samples, 0)], -1)
