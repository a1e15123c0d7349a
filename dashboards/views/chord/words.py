"""What a ribbon and an arc say, and what stands under and in the circle."""

from collections.abc import Sequence

import numpy as np

from dashboards.data.class_groups import MOST_CONFUSED, Groups, shown_words
from dashboards.views.chord.table import Exchange
from deepvid.wording import share


def ribbon_words(
    shown: Exchange, names: Sequence[str], pairs: np.ndarray, *, everything: bool
) -> tuple[list[str], list[str]]:
    """The headline and the numbers of the ribbons `pairs` (ribbon, 2).

    `everything`: the circle is shared among all images, and not among some that are selected elsewhere.
    """
    images = shown.shared.sum(axis=1)
    heads, numbers = [], []
    for true, predicted in pairs.tolist():
        count, of = int(shown.shared[true, predicted]), int(images[true])
        whose = shown.groups.whose(names, true)
        parts = [f"{share(count, of)} of {of:,} {whose}{'' if everything else ' selected'}"]
        if not everything:
            parts.append(f"{int(shown.total[true, predicted]):,} of all images")
        if shown.partial:
            parts.append(f"{int(shown.selected[true, predicted]):,} selected")
        heads.append(_head(shown.groups, names, true, predicted, count))
        numbers.append(" · ".join(parts))
    return heads, numbers


def arc_words(shown: Exchange, names: Sequence[str], group: int, *, sent: bool) -> tuple[str, str]:
    """The headline and the numbers of an arc: the errors that begin, or end, at its class."""
    side = shown.shared[group] if sent else shown.shared[:, group]
    images = int(side.sum())
    wrong = images - int(side[group])
    whose = shown.groups.whose(names, group)
    other = "another runner-up" if not shown.groups.labeled and not sent else "another class"
    other = f"one of the {len(shown.groups.classes)} shown" if shown.groups.is_rest(group) else other
    if sent:
        return f"{wrong:,} {whose} taken for {other}", f"{share(wrong, images)} of {images:,} {whose}"
    taken, of = shown.groups.taken_as(names, group), "of" if shown.groups.labeled else "with"
    return (
        f"{wrong:,} {of} {other} taken for {taken}",
        f"{share(wrong, images)} of {images:,} predicted as {taken}",
    )


def legend(shown: Exchange, names: Sequence[str], wanted: str = "") -> list[list[str]]:
    """[text, hint] of many classes: which ones there are, and what is not drawn."""
    said = shown_words(shown.groups, wanted, names)
    if not said:
        return []
    among = f" {shown.undrawn:,} errors among the others are not drawn." if shown.undrawn else ""
    return [[said + among, MOST_CONFUSED]]


def empty_words(shown: Exchange) -> str:
    """What stands in a circle without ribbons."""
    if not shown.shared.any():
        return "No images to show"
    one = "One class: no errors" if len(shown.shared) == 1 else "No errors"
    return f"{one} to show: choose “all” for the diagonal"


def _head(groups: Groups, names: Sequence[str], true: int, predicted: int, count: int) -> str:
    whose = groups.whose(names, true)
    if true != predicted:
        return f"{count:,} {whose} taken for {groups.taken_as(names, predicted)}"
    return f"{count:,} {whose} {'taken for one of them' if groups.is_rest(true) else 'recognized'}"
