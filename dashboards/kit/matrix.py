"""A matrix of counts: a click on a cell, or on the name of a row or a column, asks for it."""

from collections.abc import Mapping, Sequence

import numpy as np

from dashboards.data.class_groups import Groups
from dashboards.data.class_labels import shortened
from dashboards.kit.charts import Frame, Head
from dashboards.theme import class_color
from deepvid import wording

BUTTONS = 24  # rows, up to which cells are buttons with words; with more they are painted
LONGEST = 12  # letters of a class


def levels(values: np.ndarray) -> np.ndarray:
    """Levels int8 of counts or rates: above zero on the diagonal, below elsewhere.

    Both sides have a scale each, so that the few errors show beside the many recognitions; both climb with
    the square root.
    """
    diagonal = np.eye(len(values), dtype=bool)
    found = np.zeros(values.shape, np.int8)
    for side, sign in ((~diagonal, -1), (diagonal, 1)):
        most = values[side].max(initial=0)
        if most > 0:
            found[side] = sign * np.ceil(np.sqrt(values[side] / most) * 100)
    return found


def heads(
    groups: Groups, names: Sequence[str], counts: np.ndarray, sides: tuple[str, str]
) -> tuple[Head, ...]:
    """Of groups of classes, which say how many images of `counts` (true group, predicted group) they have."""
    called = groups.names(names)
    colors = (*map(class_color, groups.classes), "")
    whole = (
        [
            f"all {side} {name}: {wording.quantity(images, 'image')}"
            for name, images in zip(called, sums, strict=True)
        ]
        for side, sums in zip(sides, (counts.sum(axis=axis).tolist() for axis in (1, 0)), strict=True)
    )
    return tuple(map(Head, called, shortened(called, LONGEST), colors, *whole))


def frames(framed: Mapping[tuple[int, int], bool]) -> tuple[Frame, ...]:
    """Of cells by whether they were taken out."""
    return tuple(Frame(*cell, out) for cell, out in framed.items())
