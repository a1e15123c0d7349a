"""A matrix of counts: a click on a cell, or on the name of a row or a column, asks for it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np

from dashboards.data.class_groups import Groups, cells_between
from dashboards.data.class_labels import shortened
from dashboards.kit.card import Card
from dashboards.kit.charts import Bulk, Counts, Frame, Head
from dashboards.kit.elements import Element
from dashboards.session.gestures import Gesture
from dashboards.session.modifiers import apply_click
from dashboards.session.selection import OutlinedCells
from dashboards.session.session import Session
from dashboards.theme import class_color
from dashboards.widgets.component import Actions
from deepvid import wording

COUNTS, RATES = "counts", "rates"
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


class PreparedMatrix(NamedTuple):
    """A matrix with its header, and what its cells select: `present` counts classes (true, predicted)."""

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
        self._shown: PreparedMatrix | None = None
        super().__init__(session)

    def local_state(self) -> Any:
        """The unit of the cells."""
        return self._unit

    def actions(self) -> Actions:
        """`unit` of the cells; `select` the images of {row, column} groups."""
        return {"unit": self._choose, "select": self._select}

    def publish(self, prepared: PreparedMatrix) -> None:
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


class Confusions(NamedTuple):
    """Counts int64 (true group, predicted group): under the selection, and of everything."""

    groups: Groups  # each class one, but of many classes
    selected: np.ndarray
    total: np.ndarray
    partial: bool  # whether anything is selected, so that the two differ in meaning


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
    """The line in the corner: there is room for one thing."""
    if taken_out:
        return "dashed: taken out"
    if unit == RATES:
        return "% of a row's selection" if partial else "% of a row"
    return "gray: not selected" if partial else ""


def _percent(share: float) -> str:
    return f"{100 * share:.0f}" if share >= 0.0095 else f"{100 * share:.1f}"
