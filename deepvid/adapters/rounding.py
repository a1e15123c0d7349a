"""How finely a model says its probabilities: students are fitted to small differences between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deepvid.adapters.scores import SMALLEST

if TYPE_CHECKING:
    from jaxtyping import Float

_MOST = 6  # decimals that float32 tells from none
_FEWEST = 20  # probabilities between 0 and 1, or nothing is said
_TOLERANCE = 0.1  # of a step: float32 has 7 digits


def one_hot(logits: Float[np.ndarray, "sample class"]) -> bool:
    """Whether it says classes alone: probabilities of 0 and 1."""
    return bool(np.isin(logits, np.log(np.array([SMALLEST, 1], np.float32))).all())


def decimals(logits: Float[np.ndarray, "sample class"]) -> int | None:
    """To how many decimals the probabilities e^z are rounded; None: to none that is seen."""
    values = np.exp(logits.astype(np.float64)).ravel()
    values = values[(values > 10.0**-_MOST / 2) & (values < 1 - 10.0**-_MOST / 2)]
    if len(values) < _FEWEST:
        return None
    for places in range(1, _MOST + 1):
        steps = values * 10**places
        if abs(steps - np.rint(steps)).max() < _TOLERANCE:
            return places
    return None
