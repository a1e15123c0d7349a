"""What is taken for what after an epoch, and how that differs from the epoch before."""

from typing import NamedTuple, TypedDict

import numpy as np

from dashboards.data.class_groups import Groups, grouped, summed
from dashboards.data.class_labels import shortened
from dashboards.data.time_travel import Travel
from dashboards.theme import class_color

LONGEST = 12  # letters of a class


class Group(TypedDict):
    """A class, or the rest of them."""

    name: str
    short: str
    color: str


class Changed(NamedTuple):
    """Counts int64 (true group, predicted group) of the test images, and their change."""

    groups: Groups
    counts: np.ndarray
    changes: np.ndarray | None  # None: there is no epoch before


def changed(travel: Travel, epoch: int, classes: int) -> Changed:
    """Of many classes the most confused, which are the same in every epoch."""
    count = travel.confusion(epoch, classes)
    overall = sum(travel.confusion(each, classes) for each in range(travel.epochs))
    groups = grouped(np.asarray(overall), np.arange(classes))
    before = travel.confusion(epoch - 1, classes) if epoch else None
    return Changed(groups, summed(count, groups), None if before is None else summed(count - before, groups))


def described(groups: Groups, class_names: tuple[str, ...]) -> list[Group]:
    """The names of rows and columns."""
    names = groups.names(class_names)
    colors = [class_color(index) for index in groups.classes] + [""]
    return [
        {"name": name, "short": short, "color": color}
        for name, short, color in zip(names, shortened(names, LONGEST), colors, strict=False)
    ]


def sentence(found: Changed, class_names: tuple[str, ...]) -> str:
    """The change that is the largest: `1,392 wrong; 26 fewer Shirt taken for T-shirt`."""
    wrong = int(found.counts.sum() - np.trace(found.counts))
    if found.changes is None:
        return f"{wrong:,} wrong"
    errors = found.changes * ~np.eye(len(found.changes), dtype=bool)
    place = np.unravel_index(np.abs(errors).argmax(), errors.shape)
    most, (true, predicted) = int(errors[place]), (int(side) for side in place)
    if not most:
        return f"{wrong:,} wrong, as in the epoch before"
    whose = found.groups.whose(class_names, true)
    other = found.groups.taken_as(class_names, predicted)
    return f"{wrong:,} wrong; {abs(most):,} {'more' if most > 0 else 'fewer'} {whose} taken for {other}"
