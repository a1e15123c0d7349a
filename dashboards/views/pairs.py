"""Which classes are taken for each other most; a click on a pair selects its images."""

from typing import Any, ClassVar, NamedTuple

import numpy as np

from dashboards.data.class_labels import shortened
from dashboards.kit.card import Card, empty
from dashboards.kit.charts import Rail
from dashboards.kit.elements import Box, Button, Choice, Element, quiet, swatch, text
from dashboards.session import needs
from dashboards.session.gestures import Cells
from dashboards.session.modifiers import apply_click
from dashboards.session.scene import Scene
from dashboards.session.selection import Mode, Steps, confusion_sentence, tally
from dashboards.session.session import Session
from dashboards.theme import class_color
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid.statistics import Interval, wilson
from deepvid.wording import percents

MOST = 40  # pairs
LONGEST = 14  # letters of a class
APART, TOGETHER = "apart", "together"


class PairsView(Card):
    """Ranks the pairs of what is selected; those that gestures chose are marked."""

    title = "Confused pairs"
    subject = "The confused pairs"
    needs = (needs.PREDICTIONS.saying("The confused pairs appear after the teacher's first epoch."),)
    follows: ClassVar = ("facts", "steps", "mask")
    look = "pairs-card"
    help: ClassVar = Help(
        what="The pairs of classes that are confused most, both directions together or apart.",
        use="A click selects the images of a pair.",
        beware="Where intervals overlap, the order says little.",
        source="Wilson's 95 % intervals (Wilson 1927). Without labels a pair is what the teacher hesitates "
        "between: the class it predicts and the runner-up.",
    )

    def __init__(self, session: Session) -> None:
        self._together = False
        super().__init__(session)

    def local_state(self) -> bool:
        """Whether both directions of a pair are one."""
        return self._together

    def actions(self) -> Actions:
        """`select` the images of {cells}; `direct` pairs, or not."""
        return {"select": self._select, "direct": self._direct}

    def prepare(self, scene: Scene) -> Element:
        """Ranks the cells of the confusion matrix."""
        table = scene.table
        assert table is not None
        together, counts = scene.own or not table.labeled, table.confusion(scene.mask)
        found = pairs(
            counts, table.class_names, _chosen(scene.steps), together=together, labeled=table.labeled
        )
        told = (
            confusion_sentence(table, scene.steps, tally(table, scene.mask))
            if table.labeled or scene.steps
            else "Pairs it hesitates between"
        )
        return listed(found, told, table.class_names, together=together, labeled=table.labeled)

    def _direct(self, how: str) -> None:
        self._together = how == TOGETHER
        self.redraw()

    def _select(self, asked: Any) -> None:
        apply_click(self.session, asked, Cells.parse(asked["cells"]))


class Pair(NamedTuple):
    """One row: two classes, and their share of the images whose true class can be taken for the other."""

    first: int
    second: int
    hint: str
    images: int
    rate: Interval
    cells: list[list[int]]  # [true, predicted] that it is made of
    chosen: bool


class Pairs(NamedTuple):
    """The most frequent first, and how many there are."""

    rows: list[Pair]
    total: int


def listed(found: Pairs, told: str, names: tuple[str, ...], *, together: bool, labeled: bool) -> Element:
    """A button a pair, with its rate on a rail; `told` is what they are pairs of."""
    hint = {APART: "Each direction is a pair of its own", TOGETHER: "Both directions count as one"}
    options = tuple((name, name, hint[name]) for name in hint)
    choice = Choice(
        "direct", options, TOGETHER if together else APART, segments=True, label="Directions of a pair"
    )
    head = Box(
        (text(told, tag="h2", look="title", hint=told), choice if labeled else None), "header", look="head"
    )
    if not found.rows:
        return Box((head, empty("Nothing that is selected is taken for another class.")), look="filled")
    most, short = max(pair.rate.high for pair in found.rows), shortened(names, LONGEST)
    rare = found.total - len(found.rows)
    rows = (_row(pair, most, short, together=together) for pair in found.rows)
    more = text(f"and {rare:,} rarer ones", tag="p", look="quiet") if rare else None
    return Box((head, Box((*rows, more), look="list")), look="filled")


def _row(pair: Pair, most: float, short: tuple[str, ...], *, together: bool) -> Button:
    value, low, high = pair.rate
    first, second = ((swatch(class_color(index)), short[index]) for index in (pair.first, pair.second))
    return Button(
        (
            text(*first, quiet(" ↔ " if together else " → "), *second, look="name"),
            text(f"{pair.images:,}", look="number count"),
            Rail(value / most, (low / most, high / most)),
            quiet(f"{percents(value)} %", look="number"),
        ),
        "select",
        {"cells": pair.cells},
        keys=True,
        pressed=pair.chosen,
        look="pair item",
        hint=f"{pair.hint}; 95 % interval {percents(low)} to {percents(high)} %",
    )


def pairs(
    counts: np.ndarray,
    names: tuple[str, ...],
    chosen: frozenset[tuple[int, int]],
    *,
    together: bool,
    labeled: bool = True,
) -> Pairs:
    """Of counts int64 (true, predicted); `together` counts both directions of a pair as one.

    Where images are not `labeled` the counts are (runner-up, predicted), and rates are shares of the images
    that are predicted as one of the two.
    """
    errors = counts * ~np.eye(len(counts), dtype=bool)
    images = counts.sum(axis=1 if labeled else 0)
    if together:
        errors = np.triu(errors + errors.T)
    wrong = np.flatnonzero(errors)
    order = wrong[np.argsort(-errors.ravel()[wrong], kind="stable")]
    rows: list[Pair] = []
    for place in order[:MOST].tolist():
        true, predicted = divmod(place, len(counts))
        cells = [(true, predicted), (predicted, true)] if together else [(true, predicted)]
        count, of = int(errors[true, predicted]), int(images[true] + (images[predicted] if together else 0))
        hint = (
            _hint(names[true], names[predicted], count, of, together=together)
            if labeled
            else _hesitation(names[true], names[predicted], count, of)
        )
        asked = [list(cell) for cell in cells]
        rows.append(Pair(true, predicted, hint, count, wilson(count, of), asked, chosen.issuperset(cells)))
    return Pairs(rows, len(order))


def _hesitation(first: str, second: str, count: int, of: int) -> str:
    return f"{count:,} of {of:,} images predicted as {first} or {second} have the other as their runner-up"


def _hint(true: str, predicted: str, count: int, of: int, *, together: bool) -> str:
    if together:
        return f"{count:,} of {of:,} images of {true} and {predicted} are taken for the other"
    return f"{count:,} of {of:,} images of {true} are taken for {predicted}"


def _chosen(steps: Steps) -> frozenset[tuple[int, int]]:
    chosen: set[tuple[int, int]] = set()
    for mode, gesture in steps:
        if isinstance(gesture, Cells):
            (chosen.difference_update if mode is Mode.SUBTRACT else chosen.update)(gesture.cells)
    return frozenset(chosen)
