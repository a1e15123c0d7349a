"""The teacher's opinion of one image as bars."""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np

from dashboards.data.naming import shortened
from dashboards.theme import class_color

LONGEST = 16  # letters of a name
MOST = 10  # bars; with more classes the most probable ones and the true one


class ClassBar(TypedDict):
    """One class's bar."""

    name: str
    short: str  # the name as it fits beside the bar
    color: str
    probability: float
    logit: float
    true: bool  # the image is of this class
    predicted: bool  # the teacher takes it for one


def bars(logits: np.ndarray, true: int, class_names: Sequence[str]) -> list[ClassBar]:
    """One entry a bar, of the teacher's logits (class,): in class order where all fit, else the likeliest."""
    exponential = np.exp(logits - logits.max())
    probabilities = exponential / exponential.sum()
    predicted, short = int(logits.argmax()), shortened(tuple(class_names), LONGEST)
    return [
        {
            "name": class_names[index],
            "short": short[index],
            "color": class_color(index),
            "probability": float(probabilities[index]),
            "logit": float(logits[index]),
            "true": index == true,
            "predicted": index == predicted,
        }
        for index in _shown(logits, true)
    ]


def _shown(logits: np.ndarray, true: int) -> list[int]:
    if len(logits) <= MOST:
        return list(range(len(logits)))
    top = [int(index) for index in np.argsort(-logits, kind="stable")[:MOST]]
    return top if true in top else [*top[: MOST - 1], true]
