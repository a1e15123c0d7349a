"""How much of an explanation lies on what was planted (NumPy only)."""

import numpy as np


def share_on(maps: np.ndarray, planted: np.ndarray, strongest: float) -> np.ndarray:
    """Of the strongest pixels of each map (map, y, x), the share that `planted` (y, x) holds.

    The strongest are a share of all pixels, rounded to whole ones, by what they say for the predicted class:
    what speaks against it counts as nothing. Of equal pixels, where only some are taken, each is taken in
    part, so that a constant map has what chance has.
    """
    scores = np.maximum(maps, 0).reshape(len(maps), -1)
    count = max(1, round(strongest * scores.shape[1]))
    last = np.sort(scores, axis=1)[:, -count][:, None]
    above, equal = scores > last, scores == last
    room = count - above.sum(axis=1, keepdims=True)
    taken = above + equal * room / equal.sum(axis=1, keepdims=True)
    return taken @ planted.ravel() / count


def chance(planted: np.ndarray) -> float:
    """Average of a map that knows nothing: the planted share of the image."""
    return float(planted.mean())
