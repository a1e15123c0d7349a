"""Sets of training images that a training may have: misclassified, noisy, labeled, newly come in."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from dashboards.data.time_travel import Travel


class Membership(NamedTuple):
    """One set; `of` is bool (training,) after an epoch from 0."""

    text: str
    hint: str
    there: Callable[[Travel], bool]  # whether the run knows it
    of: Callable[[Travel, int], np.ndarray]


def labeled(travel: Travel, point: int, class_names: Sequence[str]) -> str:
    """`true Coat`, or `true Coat, labeled Shirt` of a noisy label."""
    label = class_names[travel.label[point]]
    if travel.original is None or not travel.noisy[point]:
        return f"true {label}"
    return f"true {class_names[travel.original[point]]}, labeled {label}"


def members(travel: Travel, epoch: int, among: str) -> np.ndarray | None:
    """bool (point,): training images on the map of an epoch, from 0; None of a set the run does not know."""
    kind = MEMBERSHIPS.get(among)
    if kind is None or not travel.training or not kind.there(travel):
        return None
    found = np.zeros(len(travel.samples), np.bool_)
    found[: travel.training] = kind.of(travel, epoch) & travel.placed[epoch, : travel.training]
    return found


def joined(selected: np.ndarray | None, others: np.ndarray | None) -> np.ndarray | None:
    """Members of either; None where neither is there."""
    if selected is None or others is None:
        return others if selected is None else selected
    return selected | others


def _labels(travel: Travel) -> bool:
    return travel.labeled is not None


def _labeled(travel: Travel, epoch: int) -> np.ndarray:
    assert travel.labeled is not None  # it is asked where the run knows it
    return travel.labeled[epoch]


def _new(before: np.ndarray, now: np.ndarray, epoch: int) -> np.ndarray:
    """In the first epoch nothing is new."""
    return now & ~before if epoch else np.zeros(len(now), np.bool_)


def _come_in(travel: Travel, epoch: int) -> np.ndarray:
    now, before = (travel.placed[at, : travel.training] for at in (epoch, max(0, epoch - 1)))
    return _new(before, now, epoch)


MEMBERSHIPS: Mapping[str, Membership] = {
    "wrong": Membership(
        "misclassified",
        "Given another class than their label",
        lambda travel: travel.training > 0,
        lambda travel, epoch: travel.wrong[epoch, : travel.training],
    ),
    "noisy": Membership(
        "noisy",
        "Their label differs from the original one",
        lambda travel: travel.original is not None,
        lambda travel, _: travel.noisy[: travel.training],
    ),
    "labeled": Membership(
        "labeled", "The classifier was trained with their label at this epoch", _labels, _labeled
    ),
    "newly-labeled": Membership(
        "newly labeled",
        "Labeled at this epoch, and not at the one before",
        _labels,
        lambda travel, epoch: _new(_labeled(travel, max(0, epoch - 1)), _labeled(travel, epoch), epoch),
    ),
    "unlabeled": Membership(
        "unlabeled",
        "The classifier was not trained with their label at this epoch",
        _labels,
        lambda travel, epoch: ~_labeled(travel, epoch),
    ),
    "come-in": Membership(
        "newly come in",
        "In use at this epoch, and not at the one before",
        lambda travel: not travel.placed[:, : travel.training].all(),
        _come_in,
    ),
}
"""By the name that an address has for it."""
