"""The teacher's opinion of one image as bars."""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np

from dashboards.data.class_labels import shortened
from dashboards.data.predictions import Link, softmax
from dashboards.theme import class_color
from deepvid.metrics import runner_up

LONGEST = 16  # letters of a name
MOST = 4  # bars: the most probable ones, and the true one


class ClassBar(TypedDict):
    """One class's bar."""

    name: str
    short: str  # the name as it fits beside the bar
    color: str
    probability: float
    logit: float
    true: bool  # the image is of this class, or without labels it is the runner-up
    predicted: bool  # the teacher takes it for one


def bars(logits: np.ndarray, true: int, class_names: Sequence[str], link: Link = softmax) -> list[ClassBar]:
    """One entry a bar, of the teacher's logits (class,): the likeliest first, and the true one among them."""
    probabilities = link(logits)
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
    top = [int(index) for index in np.argsort(-logits, kind="stable")[:MOST]]
    return top if true in top else [*top[: MOST - 1], true]


def sides(logits: np.ndarray, true: int, names: Sequence[str]) -> list[str]:
    """The classes between which a map decides: the predicted one, and the true one or the runner-up.

    A positive pixel speaks for the first, a negative one for the second.
    """
    predicted = int(logits.argmax())
    other = true if true != predicted else int(runner_up(logits[None])[0])
    return [names[predicted], names[other]]


CLIPPED = 0.995  # share of an overlay's pixels inside its scale


def overlay(values: np.ndarray) -> bytes:
    """int8 (y, x) of a map in 127ths of its own end."""
    end = float(np.quantile(np.abs(values), CLIPPED)) or 1.0
    return np.clip(np.rint(values / end * 127), -127, 127).astype(np.int8).tobytes()
