"""Who is taken for whom, as a table of groups: every class one, or some of many and the rest."""

from typing import NamedTuple

import numpy as np

from dashboards.data.class_groups import Groups, cells_between, summed


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


def exchange(
    groups: Groups, count: np.ndarray, selected: np.ndarray | None, total: np.ndarray, *, diagonal: bool
) -> Exchange:
    """Of counts (true, predicted). `diagonal`: also what is recognized, and what stays within the rest."""
    drawn = np.ones((groups.number, groups.number), np.bool_)
    if not diagonal:
        np.fill_diagonal(drawn, val=False)
    shared = summed(count, groups)
    chosen = shared if selected is None else summed(selected, groups)
    undrawn = 0
    if groups.rest and not diagonal:
        undrawn = int(shared[-1, -1] - count.diagonal()[groups.of_class == groups.number - 1].sum())
    return Exchange(groups, shared, chosen, summed(total, groups), drawn, undrawn, selected is not None)


def cells_of(
    shown: Exchange, present: np.ndarray, sent: int | None, received: int | None
) -> list[tuple[int, int]]:
    """The cells (true, predicted) of the ribbon between two groups, of a sent arc, or of a received one."""
    return cells_between(shown.groups, present, sent, received, shown.drawn)
