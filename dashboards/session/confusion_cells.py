"""What gestures on cells of the confusion matrix mean to the views that draw such cells."""

import numpy as np

from dashboards.data.class_groups import Groups
from dashboards.data.population import Mask, Population
from dashboards.session.gestures import Cells
from dashboards.session.selection import Mode, Steps, fold

OutlinedCells = dict[tuple[int, int], bool]
"""The cells (true group, predicted group) that gestures named: whether the last one that did took one out."""


def cell_counts(table: Population, steps: Steps, mask: Mask | None) -> tuple[np.ndarray, np.ndarray | None]:
    """What room is shared among, and what of it is selected: counts int64 (true, predicted).

    Cells that were chosen do not take the others' room: they stay to be chosen, too.
    """
    elsewhere = tuple(step for step in steps if not isinstance(step.gesture, Cells))
    selected = table.confusion(mask)
    if len(elsewhere) == len(steps):
        return selected, None
    return np.maximum(table.confusion(fold(elsewhere, table)), selected), selected


def outlined_cells(groups: Groups, steps: Steps) -> OutlinedCells:
    """What a person has done to single cells, as groups show them."""
    of = groups.of_class
    return {
        (int(of[true]), int(of[predicted])): mode is Mode.SUBTRACT
        for mode, gesture in steps
        if isinstance(gesture, Cells)
        for true, predicted in gesture.cells
        if max(true, predicted) < len(of)
    }
