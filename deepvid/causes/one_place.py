"""One place decides: the same small part of the image, in many of the images taken for a class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deepvid.causes.cause import Cause, Evidence

if TYPE_CHECKING:
    from jaxtyping import Float

LEAST_SPREAD = 1e-3  # logits
FEWEST = 4  # other errors of which a share is taken


def score(evidence: Evidence) -> Float[np.ndarray, " error"]:
    """z · s: how far the place that matters most stands out from the image's places, in their standard
    deviations, times the share of the other errors taken for the same class in which it is the same place.
    """
    lost, predicted = evidence.lost, evidence.answers[evidence.errors]
    if not len(lost):
        return np.zeros(0)
    best = lost.argmax(axis=1)
    stands_out = (lost.max(axis=1) - lost.mean(axis=1)) / (LEAST_SPREAD + lost.std(axis=1))
    of_class = np.bincount(predicted)[predicted] - 1
    _, both, counts = np.unique(np.stack([predicted, best]), axis=1, return_inverse=True, return_counts=True)
    return stands_out * (counts[both.ravel()] - 1) / np.maximum(of_class, FEWEST)


ONE_PLACE = Cause("one place decides", 1.0, "look at this place in other images", score)
