"""The confusion matrix as a table of cells: what each shows, and how strongly it is colored."""

from typing import NamedTuple

import numpy as np

from dashboards.data.population import Mask, Population
from dashboards.session.gestures import Cells
from dashboards.session.selection import Mode, Steps

STEPS = 100  # of each color scale; indices 1..STEPS are errors, STEPS + 1..2 STEPS recognized, 0 is empty


Framed = dict[tuple[int, int], bool]
"""The cells (true, predicted) that gestures named: whether the last one that did took the cell out."""


class Matrix(NamedTuple):
    """Counts int64 (true, predicted): under the selection, and of everything."""

    selected: np.ndarray
    total: np.ndarray
    partial: bool  # whether anything is selected, so that the two differ in meaning


def matrix(table: Population, mask: Mask | None) -> Matrix:
    """The confusions under a mask (None: of everything), beside all of them; zeros until a teacher exists."""
    total = table.confusion()
    selected = total if mask is None else table.confusion(mask)
    return Matrix(selected, total, mask is not None)


def framed(steps: Steps) -> Framed:
    """What a person has done to single cells."""
    return {
        cell: mode is Mode.SUBTRACT
        for mode, gesture in steps
        if isinstance(gesture, Cells)
        for cell in gesture.cells
    }


def rates(counts: np.ndarray) -> np.ndarray:
    """Shares f64 (true, predicted) of each row's sum; a row without images is all zero."""
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def color_index(values: np.ndarray) -> np.ndarray:
    """Palette indices uint8 (true, predicted) of counts or rates.

    Errors and recognitions have a scale each, so that the few errors show beside the many recognitions;
    both climb with the square root.
    """
    diagonal = np.eye(len(values), dtype=bool)
    index = np.zeros(values.shape, np.uint8)
    for side, offset in ((~diagonal, 0), (diagonal, STEPS)):
        most = values[side].max(initial=0)
        if most > 0:
            level = np.ceil(np.sqrt(values[side] / most) * STEPS)
            index[side] = np.where(values[side] > 0, offset + level, 0)
    return index
