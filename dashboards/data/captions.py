"""What the population's views say in words: a sentence about what is selected, numbers with their chance."""

from typing import Any, NamedTuple

import numpy as np

from dashboards.data.maps import Map, Measure
from dashboards.data.population import Population
from dashboards.kernels.counts import overlap
from dashboards.session.selection import Gesture, Mask, Mode, Steps

_MEASURES = {
    "neighborhood_hit": "neighborhood hit",
    "trustworthiness": "trustworthiness",
    "continuity": "continuity",
    "knn_preservation": "neighbors kept",
}


class Tally(NamedTuple):
    """How many images a mask holds, and how many of them are misclassified (None: no teacher yet)."""

    images: int
    wrong: int | None


def tally(table: Population, mask: Mask | None) -> Tally:
    """Counts what `selection_sentence` says; the slow part of it."""
    if mask is None:
        return Tally(table.rows, None if table.wrong is None else int(np.count_nonzero(table.wrong)))
    wrong = None if table.wrong is None else overlap(table.wrong, mask)
    return Tally(int(np.count_nonzero(mask)), wrong)


def selection_sentence(table: Population, steps: Steps, found: Tally) -> str:
    """`37 Shirt taken for T-shirt`: what the selection is, in one line."""
    count = found.images
    if len(steps) == 1 and steps[0].mode is Mode.REPLACE and steps[0].gesture.kind == "cells":
        return _cells_sentence(table, steps[0].gesture, count)
    lassoed = len(steps) == 1 and steps[0].gesture.kind == "polygon"
    where = " in the lasso" if lassoed else " selected" if steps else ""
    errors = "" if found.wrong is None else f", {found.wrong:,} misclassified"
    note = "" if table.pictured else " · archived without images"
    return f"{count:,} {_plural('image', count)}{where}{errors}{note}"


def confusion_sentence(table: Population, steps: Steps, found: Tally) -> str:
    """`1,139 misclassified`, or what the one cell, row or column selected holds."""
    if len(steps) == 1 and steps[0].mode is Mode.REPLACE and steps[0].gesture.kind == "cells":
        return _cells_sentence(table, steps[0].gesture, found.images)
    return f"{found.wrong or 0:,} misclassified"


def verdict(table: Population, row: int) -> str:
    """`Shirt taken for T-shirt`: what one row is, and what the teacher makes of it."""
    name, predicted = table.class_names[table.label[row]], table.predicted
    if predicted is None or predicted[row] < 0 or predicted[row] == table.label[row]:
        return name
    return f"{name} taken for {table.class_names[predicted[row]]}"


def quality_phrases(chosen: Map) -> list[tuple[str, str]]:
    """`neighborhood hit 0.82 (chance 0.10)` for each measure of a map, with its interval as a hint.

    Only the first says the word: all stand in one line.
    """
    phrases: list[tuple[str, str]] = []
    for name, measure in chosen.quality.items():
        word = "" if phrases else "chance "
        text = f"{_MEASURES.get(name, name)} {_short(measure.value)} ({word}{_short(measure.chance)})"
        phrases.append((text, _interval(measure)))
    return phrases


def cell_sentence(table: Population, true: int, predicted: int, count: int) -> str:
    """What one cell of the confusion matrix holds."""
    if true == predicted:
        return f"{count:,} {table.class_names[true]} recognized"
    return f"{count:,} {table.class_names[true]} taken for {table.class_names[predicted]}"


def _cells_sentence(table: Population, gesture: Gesture, count: int) -> str:
    true, predicted = ({cell[side] for cell in gesture.value} for side in (0, 1))
    if len(true) == len(predicted) == 1:
        return cell_sentence(table, true.pop(), predicted.pop(), count)
    if len(true) == 1:
        return f"{count:,} {_plural('image', count)} whose true class is {table.class_names[true.pop()]}"
    if len(predicted) == 1:
        return f"{count:,} {_plural('image', count)} predicted as {table.class_names[predicted.pop()]}"
    return f"{count:,} {_plural('image', count)} in {len(gesture.value)} cells"


def _interval(measure: Measure) -> str:
    return f"95 % interval {_short(measure.low)} to {_short(measure.high)}; a random map reaches the chance"


def _short(value: Any) -> str:
    return f"{value:.2f}"


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
