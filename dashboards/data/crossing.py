"""Which images cross a border of the map from one epoch to the next."""

import numpy as np


def ground(position: np.ndarray, decided: np.ndarray, box: np.ndarray) -> np.ndarray:
    """int32 (point,): the class `decided` in the cell nearest to each position, -1 of nan.

    `box` has the centers of the first and of the last cell; a point outside it is of the cell at its edge.
    """
    share = (position.astype(np.float32) - box[0]) / (box[1] - box[0])
    placed = np.isfinite(share).all(axis=1)
    last = np.array(decided.shape[::-1]) - 1
    column, row = np.clip(np.round(np.where(placed[:, None], share, 0) * last), 0, last).astype(int).T
    return np.where(placed, decided[row, column].astype(np.int32), -1)


def crossed(ground: np.ndarray) -> np.ndarray:
    """bool (epoch, point): on another ground than in the epoch before; in the first epoch none is.

    Who has no place now, or had none before, crosses nothing.
    """
    found = np.zeros(ground.shape, np.bool_)
    found[1:] = (ground[1:] != ground[:-1]) & (ground[1:] >= 0) & (ground[:-1] >= 0)
    return found
