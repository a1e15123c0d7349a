"""Who is taken for whom, as a table of groups: every class one, or the most confused and the rest."""

from typing import NamedTuple

import numpy as np

from dashboards.data.population import Mask, Population
from dashboards.session.gestures import Cells
from dashboards.session.selection import Mode, Steps, fold

MANY = 24  # classes; of so many, only the most confused have arcs of their own
SHOWN = 20


class Groups(NamedTuple):
    """What has two arcs, as it stands around the circle: single classes, then the rest, if there is any."""

    of_class: np.ndarray  # int32 (class,): the group of each
    classes: tuple[int, ...]  # the single ones
    rest: int  # how many classes the last group has; 0: there is no such group

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self.classes) + (self.rest > 0)


class Exchange(NamedTuple):
    """Counts int64 (true group, predicted group) of what the circle is shared among."""

    groups: Groups
    shared: np.ndarray
    selected: np.ndarray  # of them, those that are selected
    total: np.ndarray  # beside them, of all images
    drawn: np.ndarray  # bool (group, group): off the diagonal, or everything
    undrawn: int  # errors within the rest, where they are not drawn
    partial: bool  # whether something is selected here, so that the rest of it is pale

    @property
    def shown(self) -> np.ndarray:
        """`shared` where it is drawn, elsewhere 0."""
        return np.where(self.drawn, self.shared, 0)

    @property
    def rates(self) -> np.ndarray:
        """f64 (true group, predicted group): shares of the images of the true one; of none, 0."""
        return self.shown / np.maximum(self.shared.sum(axis=1, keepdims=True), 1)


def counted(table: Population, steps: Steps, mask: Mask | None) -> tuple[np.ndarray, np.ndarray | None]:
    """What the circle is shared among, and what of it is selected: counts int64 (true, predicted).

    Cells that were chosen do not take the others' room: they stay to be chosen, too.
    """
    elsewhere = tuple(step for step in steps if not isinstance(step.gesture, Cells))
    selected = table.confusion(mask)
    if len(elsewhere) == len(steps):
        return selected, None
    return np.maximum(table.confusion(fold(elsewhere, table)), selected), selected


def grouped(count: np.ndarray, order: np.ndarray) -> Groups:
    """Of counts (true, predicted): every class, or of many the most confused, in this order of classes."""
    classes = len(count)
    if classes < MANY:
        kept = order
    else:
        errors = count.sum(axis=0) + count.sum(axis=1) - 2 * count.diagonal()
        most = np.argsort(-errors, kind="stable")[:SHOWN]
        kept = order[np.isin(order, most)]
    of_class = np.full(classes, len(kept), np.int32)
    of_class[kept] = np.arange(len(kept))
    return Groups(of_class, tuple(kept.tolist()), classes - len(kept))


def exchange(
    groups: Groups, count: np.ndarray, selected: np.ndarray | None, total: np.ndarray, *, diagonal: bool
) -> Exchange:
    """Of counts (true, predicted). `diagonal`: also what is recognized, and what stays within the rest."""
    drawn = np.ones((groups.number, groups.number), np.bool_)
    if not diagonal:
        np.fill_diagonal(drawn, val=False)
    shared = _summed(count, groups)
    chosen = shared if selected is None else _summed(selected, groups)
    undrawn = 0
    if groups.rest and not diagonal:
        undrawn = int(shared[-1, -1] - count.diagonal()[groups.of_class == groups.number - 1].sum())
    return Exchange(groups, shared, chosen, _summed(total, groups), drawn, undrawn, selected is not None)


def cells_of(
    shown: Exchange, present: np.ndarray, sent: int | None, received: int | None
) -> list[tuple[int, int]]:
    """The cells (true, predicted) of the ribbon between two groups, of a sent arc, or of a received one.

    Of the rest, whose cells are too many to name, those alone where `present` counts images.
    """
    of = shown.groups.of_class
    chosen = shown.drawn[np.ix_(of, of)]
    for group, members in ((sent, of[:, None]), (received, of[None, :])):
        if group is not None:
            chosen = chosen & (members == group)
    if shown.groups.rest and shown.groups.number - 1 in (sent, received):
        chosen = chosen & (present > 0)
    return [(int(true), int(predicted)) for true, predicted in np.argwhere(chosen)]


def taken_out(groups: Groups, steps: Steps) -> set[tuple[int, int]]:
    """The ribbons (true group, predicted group) of which the last gesture that named a cell took it out."""
    of = groups.of_class
    last = {
        (int(of[true]), int(of[predicted])): mode
        for mode, gesture in steps
        if isinstance(gesture, Cells)
        for true, predicted in gesture.cells
        if max(true, predicted) < len(of)
    }
    return {pair for pair, mode in last.items() if mode is Mode.SUBTRACT}


def _summed(count: np.ndarray, groups: Groups) -> np.ndarray:
    of, number = groups.of_class, groups.number
    pair = of[:, None] * number + of
    summed = np.bincount(pair.ravel(), count.ravel(), number**2)  # f64: exact below 2^53
    return summed.astype(np.int64).reshape(number, number)
