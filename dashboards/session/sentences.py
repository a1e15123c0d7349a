"""The selection in words: what the titles of several views say."""

from typing import NamedTuple

import numpy as np

from dashboards.data.population import Mask, Population
from dashboards.kernels.counts import overlap
from dashboards.session.gestures import Gesture
from dashboards.session.selection import Mode, Steps
from deepvid import wording
from deepvid.errors import DataError


class Tally(NamedTuple):
    """How many images a mask holds, and how many of them are misclassified.

    None of that without a teacher, or without labels.
    """

    images: int
    wrong: int | None


def tally(table: Population, mask: Mask | None) -> Tally:
    """Counts what `selection_sentence` says; the slow part of it."""
    if mask is None:
        return Tally(table.rows, None if table.wrong is None else int(np.count_nonzero(table.wrong)))
    wrong = None if table.wrong is None else overlap(table.wrong, mask)
    return Tally(int(np.count_nonzero(mask)), wrong)


def selection_sentence(table: Population, steps: Steps, counted: Tally) -> str:
    """`37 Shirt taken for T-shirt`: what the selection is, in one line."""
    only = _only(steps)
    if only is not None and only.tells_errors:
        return only.sentence(table, counted.images)
    images = wording.quantity(counted.images, "image")
    selected = only.sentence(table, counted.images) if only else f"{images} selected" if steps else images
    errors = "" if counted.wrong is None else f", {counted.wrong:,} misclassified"
    lacking = {"pictures": table.pictured, "labels": table.labeled}
    notes = "".join(f" · without {name}" for name, there in lacking.items() if not there)
    return f"{selected}{errors}{notes}"


def confusion_sentence(table: Population, steps: Steps, counted: Tally) -> str:
    """`1,139 misclassified`, without labels `Predicted against runner-up`, or what the gesture says itself of
    right and wrong.
    """
    only = _only(steps)
    if only is not None and only.tells_errors:
        return only.sentence(table, counted.images)
    if not table.labeled:
        return "Predicted against runner-up"
    return f"{counted.wrong or 0:,} misclassified"


def step_sentences(table: Population, steps: Steps) -> list[list[str]]:
    """[mode, what it means alone] of each gesture. As slow as all of their masks."""
    told = []
    for mode, gesture in steps:
        try:
            mask = gesture.mask(table)
            told.append([mode.value, gesture.sentence(table, int(np.count_nonzero(mask)))])
        except DataError as error:
            told.append([mode.value, error.found])
    return told


def _only(steps: Steps) -> Gesture | None:
    """The one gesture that is all of the selection; None where there are more, or it takes away."""
    return steps[0].gesture if len(steps) == 1 and steps[0].mode is Mode.REPLACE else None
