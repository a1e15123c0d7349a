"""The confusion matrix of what is selected; a click on a cell, a row's or a column's name selects it."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np

from dashboards.data.class_groups import MANY, Groups, cells_between, grouped, shown_words, summed
from dashboards.data.population import Mask, Population
from dashboards.kit.card import Card
from dashboards.kit.charts import Bulk, Counts
from dashboards.kit.class_search import class_search
from dashboards.kit.elements import Box, Choice, Element, header, text
from dashboards.kit.matrix import BUTTONS, frames, heads, levels
from dashboards.session import needs
from dashboards.session.gestures import Cells, Gesture
from dashboards.session.modifiers import apply_click
from dashboards.session.scene import Scene
from dashboards.session.selection import (
    OutlinedCells,
    Steps,
    cell_counts,
    confusion_sentence,
    outlined_cells,
    tally,
)
from dashboards.session.session import Session
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid import wording

COUNTS, RATES = "counts", "rates"


class Prepared(NamedTuple):
    """What a matrix will show, and what its cells select: `present` counts classes (true, predicted)."""

    tree: Element
    groups: Groups
    present: np.ndarray
    gesture: Callable[[tuple[tuple[int, int], ...]], Gesture]


class MatrixCard(Card):
    """Cells in one of a few units; a click on one, or on a row's or a column's name, selects its images."""

    look = "matrix-card"
    unit: ClassVar[str]  # of the cells at first

    def __init__(self, session: Session) -> None:
        self._unit = self.unit
        self._shown: Prepared | None = None
        super().__init__(session)

    def local_state(self) -> Any:
        """The unit of the cells."""
        return self._unit

    def actions(self) -> Actions:
        """`unit` of the cells; `select` the images of {row, column} groups."""
        return {"unit": self._choose, "select": self._select}

    def publish(self, prepared: Prepared) -> None:
        """Keeps what it is of."""
        self._shown = prepared
        super().publish(prepared.tree)

    def _choose(self, unit: str) -> None:
        self._unit = unit
        self.redraw()

    def _select(self, asked: Any) -> None:
        assert self._shown is not None
        _, groups, present, gesture = self._shown
        cells = cells_between(groups, present, asked["row"], asked["column"])
        apply_click(self.session, asked, gesture(tuple(cells)))


class ConfusionView(MatrixCard):
    """Shows counts or rates; with a selection the counts under it, and the totals beside them."""

    title = "Confusion matrix"
    subject = "The confusion matrix"
    needs = (needs.PREDICTIONS.saying("The confusion matrix appears after the teacher's first epoch."),)
    follows: ClassVar = ("facts", "steps", "mask", "classes")
    unit = COUNTS
    help: ClassVar = Help(
        what="How often images of a class, one row each, are taken for another, one column each; the "
        "diagonal is right.",
        use="A click on a cell selects its images, one on a name its row or column, a second click "
        "lets them go. With a selection the cells count it alone. Of many classes the most confused are "
        "shown; search for another one, or show all and zoom with the wheel.",
        beware="A dark row may only be a common class: choose rate for the share of each row. Few images "
        "make rates that chance explains; Pairs has intervals.",
        source="Rates are counts over the number of images of the true class. Without labels rows are the "
        "runners-up, what the teacher nearly took an image for, and the diagonal is empty.",
    )

    def actions(self) -> Actions:
        """`show` classes, too."""
        return {**super().actions(), "show": self.session.show_classes}

    def prepare(self, scene: Scene) -> Prepared:
        """Counts what is taken for what."""
        table, unit, wanted = scene.table, scene.own, scene.classes
        assert table is not None
        counted = confusions(table, scene.steps, scene.mask, wanted)
        names, groups = table.class_names, counted.groups
        whose = "true class" if table.labeled else "runner-up"
        rate = f"Percent of a {whose}'s images; with a selection, of those that are selected"
        units = (COUNTS, "count", "How many images a cell holds"), (RATES, "rate", rate)
        sentence = confusion_sentence(table, scene.steps, tally(table, scene.mask))
        top = header(
            sentence,
            text(f"partial: {table.partial}", look="partial") if table.partial else None,
            Choice("unit", units, unit, segments=True, label="Unit of the cells"),
        )
        search = class_search(names, wanted, shown_words(groups, wanted, names), everything=True)
        cells = matrix(counted, names, unit, outlined_cells(groups, scene.steps))
        return Prepared(Box((top, search, cells), look="filled"), groups, table.confusion(), Cells)


class Confusions(NamedTuple):
    """Counts int64 (true group, predicted group): under the selection, and of everything."""

    groups: Groups  # each class one, but of many classes
    selected: np.ndarray
    total: np.ndarray
    partial: bool  # whether anything is selected, so that the two differ in meaning


def confusions(table: Population, steps: Steps, mask: Mask | None, wanted: str = "") -> Confusions:
    """The confusions under a mask (None: of everything), beside all of them; zeros until a teacher exists.

    Of many classes `wanted` says which are shown: those most confused in what is selected elsewhere.
    """
    total = table.confusion()
    selected = total if mask is None else table.confusion(mask)
    order = np.arange(table.class_count)
    if table.class_count < MANY:
        groups = grouped(total, order)
    else:
        shared, _ = cell_counts(table, steps, mask)
        groups = grouped(shared, order if table.decisions is None else table.decisions.tree.order, wanted)
    groups = groups._replace(labeled=table.labeled)
    return Confusions(groups, summed(selected, groups), summed(total, groups), mask is not None)


def matrix(found: Confusions, names: Sequence[str], unit: str, framed: OutlinedCells) -> Counts:
    """Rates are of what is selected, so that a row adds up to 100 %; those of the whole have another sum."""
    groups, selected, total, partial = found
    level = levels(rates(selected) if unit == RATES else selected)
    sides = ("true" if groups.labeled else "runner-up"), "predicted"
    whose = tuple(groups.whose(names, group) for group in range(groups.number))
    many = groups.number > BUTTONS
    both = np.stack([selected, total]).astype(np.uint32)
    return Counts(
        "select",
        sides,
        heads(groups, names, selected, sides),
        (level if groups.labeled else np.abs(level)).tobytes(),
        texts=() if many else _texts(found, unit),
        hints=() if many else _hints(found, names, whose),
        frames=frames(framed),
        note=_note(unit, partial=partial, taken_out=True in framed.values()),
        bulk=Bulk(both.tobytes(), whose, partial) if many else None,
        label="Confusion matrix",
    )


def rates(counts: np.ndarray) -> np.ndarray:
    """Shares f64 (true, predicted) of each row's sum; a row without images is all zero."""
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def _texts(found: Confusions, unit: str) -> tuple[str, ...]:
    """The selected of all, or all where nothing of it is selected."""
    if unit == RATES:
        return tuple(_percent(share) if share else "" for share in rates(found.selected).ravel().tolist())
    selected, total = found.selected.ravel().tolist(), found.total.ravel().tolist()
    return tuple(
        f"{some} / {every}" if found.partial and some else str(every or "")
        for some, every in zip(selected, total, strict=True)
    )


def _hints(found: Confusions, names: Sequence[str], whose: Sequence[str]) -> tuple[str, ...]:
    """ "3 selected of 35 Shirt taken for Coat (25 % of 12 selected Shirt)"."""
    groups, selected, total, partial = found
    row_sum, some, every = selected.sum(axis=1).tolist(), selected.tolist(), total.tolist()
    taken = [groups.taken_as(names, group) for group in range(groups.number)]

    def says(i: int, j: int) -> str:
        alone = i == j and not groups.is_rest(i)
        what = "recognized" if alone else f"taken for {'one of them' if i == j else taken[j]}"
        within = f"{some[i][j]:,} selected of " if partial and some[i][j] < every[i][j] else ""
        of = f"{row_sum[i]:,}{' selected' if partial else ''} {whose[i]}"
        share = f" ({wording.share(some[i][j], row_sum[i])} of {of})" if row_sum[i] else ""
        return f"{within}{every[i][j]:,} {whose[i]} {what}{share}"

    return tuple(says(i, j) for i in range(groups.number) for j in range(groups.number))


def _note(unit: str, *, partial: bool, taken_out: bool) -> str:
    """What needs saying most; there is room for one thing."""
    if taken_out:
        return "dashed: taken out"
    if unit == RATES:
        return "% of a row's selection" if partial else "% of a row"
    return "gray: not selected" if partial else ""


def _percent(share: float) -> str:
    return f"{100 * share:.0f}" if share >= 0.0095 else f"{100 * share:.1f}"
