"""Many classes as few groups: some of them each alone, and the rest together."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

MANY = 24  # classes; of so many, some alone have a group of their own
SHOWN = 20

MOST_CONFUSED = "Most confused: most images of it are taken for others, or of others for it."

ALL = "all"
"""Word in the place of a class to show every one of them."""


class Groups(NamedTuple):
    """The single classes in their order, then the rest, if there is any."""

    of_class: np.ndarray  # int32 (class,): the group of each
    classes: tuple[int, ...]  # the single ones
    rest: int  # how many classes the last group has; 0: there is no such group
    labeled: bool = True  # False: rows are runners-up, and no true classes

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self.classes) + (self.rest > 0)

    def is_rest(self, group: int) -> bool:
        """Whether a group is none of the single ones."""
        return group == len(self.classes)

    def names(self, names: Sequence[str]) -> tuple[str, ...]:
        """Name beside each: its class, or "325 others"."""
        single = tuple(names[index] for index in self.classes)
        return (*single, f"{self.rest} others") if self.rest else single

    def whose(self, names: Sequence[str], group: int) -> str:
        """Whose images those are: "7 Shirt", "7 of the other 325 classes"; "7 with runner-up Shirt"."""
        if self.is_rest(group):
            return f"of the other {self.rest} classes" if self.labeled else "with another runner-up"
        name = names[self.classes[group]]
        return name if self.labeled else f"with runner-up {name}"

    def taken_as(self, names: Sequence[str], group: int) -> str:
        """Class that they are taken for: "Shirt", "one of the other 325"."""
        return f"one of the other {self.rest}" if self.is_rest(group) else names[self.classes[group]]


def grouped(count: np.ndarray, order: np.ndarray, wanted: str = "") -> Groups:
    """Of counts (true, predicted), in this order of classes: every class, or `SHOWN` of many.

    Which ones is `wanted`: the number of a class for itself and what it is confused with, `ALL` for
    every one, anything else for the most confused.
    """
    classes = len(count)
    kept = order
    if classes >= MANY and wanted != ALL:
        exchanged = count + count.T - 2 * np.diag(count.diagonal())
        errors = exchanged.sum(axis=0)
        about = class_of(wanted, classes)
        first = errors if about is None else np.where(np.arange(classes) == about, np.inf, exchanged[about])
        most = np.lexsort((-errors, -first))[:SHOWN]
        if about is not None:  # it stands first
            order = np.append(about, order[order != about])
        kept = order[np.isin(order, most)]
    of_class = np.full(classes, len(kept), np.int32)
    of_class[kept] = np.arange(len(kept))
    return Groups(of_class, tuple(kept.tolist()), classes - len(kept))


def frequent(count: np.ndarray, order: np.ndarray) -> Groups:
    """Of counts (class,), in this order of classes: every class, or the `SHOWN` commonest of many."""
    kept = order
    if len(count) >= MANY:
        most = order[np.argsort(-count[order], kind="stable")[:SHOWN]]
        kept = order[np.isin(order, most[count[most] > 0])]
    of_class = np.full(len(count), len(kept), np.int32)
    of_class[kept] = np.arange(len(kept))
    return Groups(of_class, tuple(kept.tolist()), len(count) - len(kept))


def class_of(wanted: str, classes: int) -> int | None:
    """The class that a text of digits names; None where it names none."""
    number = int(wanted) if wanted.isdecimal() and len(wanted) <= len(str(classes)) else classes
    return number if number < classes else None


def summed(count: np.ndarray, groups: Groups) -> np.ndarray:
    """Counts int64 (true group, predicted group) of counts (true, predicted)."""
    of, number = groups.of_class, groups.number
    pair = of[:, None] * number + of
    total = np.bincount(pair.ravel(), count.ravel(), number**2)  # f64: exact below 2^53
    return total.astype(np.int64).reshape(number, number)


def cells_between(
    groups: Groups,
    present: np.ndarray,
    true: int | None,
    predicted: int | None,
    drawn: np.ndarray | None = None,
) -> list[tuple[int, int]]:
    """The cells (true, predicted) of two groups; None is any group, of `drawn` (group, group) ones alone.

    Of the rest, whose cells are too many to name, those alone where `present` counts images.
    """
    of = groups.of_class
    chosen = np.ones_like(present, np.bool_) if drawn is None else drawn[np.ix_(of, of)]
    for group, members in ((true, of[:, None]), (predicted, of[None, :])):
        if group is not None:
            chosen = chosen & (members == group)
    if groups.rest and groups.number - 1 in (true, predicted):
        chosen = chosen & (present > 0)
    return [(int(one), int(other)) for one, other in np.argwhere(chosen)]


def shown_words(groups: Groups, wanted: str, names: Sequence[str]) -> str:
    """Which classes stand alone, in a sentence; empty where all of a few do."""
    classes = len(groups.of_class)
    if classes < MANY:
        return ""
    if not groups.rest:
        return f"All {classes} classes, in the order of their hierarchy."
    about = class_of(wanted, classes)
    if about is None:
        return f"The {SHOWN} most confused of {classes} classes."
    return f"{names[about]} and the {SHOWN - 1} it is most confused with, of {classes} classes."
