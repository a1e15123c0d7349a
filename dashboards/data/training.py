"""A training as a run has stored it: numbers of its epochs, and what the classifier answered after each.

Source of what is learned and forgotten: McNemar (1947), Psychometrika 12, 153-157, exact; Holm (1979),
Scandinavian Journal of Statistics 6, 65-70, over all classes and epochs.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from dashboards.data.training_steps import training_steps
from deepvid.caching import newest_per_owner
from deepvid.statistics import Z95, holm, mcnemar, wilson
from deepvid.store import Run, Series
from deepvid.stored_training import SERIES, answered_samples, held_out_answers, stores_answers, trained_series

EPOCH, STEP, SECOND = "epoch", "step", "second"
LEVEL = 0.05  # of the tests of all classes and epochs together
LASTING = 0.9  # of its last recall, from which a class counts as learned

Numbers = tuple[float | None, ...]
"""(epoch,): None where it is not known, or not finite."""


class TrainingCourse(NamedTuple):
    """Numbers of the epochs that are committed, as the journal has them."""

    planned: int  # epochs
    numbers: Mapping[str, Numbers]
    low: Mapping[str, Numbers]  # ends of 95 % intervals, of the numbers that have one
    high: Mapping[str, Numbers]
    ends: Mapping[str, tuple[float, ...]]  # (epoch,): where each ends, by `EPOCH`, `STEP`, `SECOND`

    @property
    def epochs(self) -> int:
        """How many are committed."""
        return len(self.ends[EPOCH])

    def whole(self, unit: str) -> float:
        """Where the last planned epoch ends: of steps and seconds in proportion to those before."""
        return self.ends[unit][-1] * max(1.0, self.planned / self.epochs)


class ClassCourses(NamedTuple):
    """How each class of the test images was learned. Epochs count from 0, the first has nothing before it."""

    images: np.ndarray  # int (class,)
    right: np.ndarray  # int (epoch, class)
    lost: np.ndarray  # int (epoch, class): right after the epoch before, and wrong after this one
    won: np.ndarray  # int (epoch, class): the other way round
    changed: np.ndarray  # int (epoch, class): images that are given another class than before
    p: np.ndarray  # f64 (epoch, class): that as many were lost as won, after Holm; 1 of the first epoch
    learned: np.ndarray  # int (class,): the epoch from which its recall stays near its last; -1: never right

    @property
    def recall(self) -> np.ndarray:
        """f64 (epoch, class); nan of a class without test images."""
        return np.divide(
            self.right, self.images, out=np.full(self.right.shape, np.nan), where=self.images > 0
        )

    @property
    def forgotten(self) -> np.ndarray:
        """bool (epoch, class): more were lost than chance would lose."""
        return (self.p < LEVEL) & (self.lost > self.won)


def course(run: Run) -> TrainingCourse:
    """Of a run that has `trained_series`; what is read once is shared by all sessions."""
    series = trained_series(run)
    assert series is not None
    return _course(run, series.key, series.epochs)


@newest_per_owner
def _course(run: Run, key: str, epochs: int) -> TrainingCourse:
    series = run.series(SERIES)
    assert series is not None
    metrics = series.metrics[:epochs]
    names = dict.fromkeys(name for epoch in metrics for name, value in epoch.items() if _finite(value))
    numbers = {name: tuple(_known(epoch.get(name)) for epoch in metrics) for name in names}
    intervals = _intervals(run, key, numbers)
    low, high = ({name: ends[side] for name, ends in intervals.items()} for side in (0, 1))
    ends = {EPOCH: tuple(map(float, range(1, epochs + 1)))}
    steps = () if (recorded := training_steps(run)) is None else recorded.steps[:epochs].tolist()
    for unit, each in ((STEP, steps), (SECOND, numbers.get("seconds", ()))):
        known = [value for value in each if value is not None and value > 0]
        if len(known) == epochs:
            ends[unit] = tuple(np.cumsum(known, dtype=float).tolist())
    return TrainingCourse(max(series.planned, epochs), numbers, low, high, ends)


def _intervals(run: Run, key: str, numbers: Mapping[str, Numbers]) -> dict[str, tuple[Numbers, Numbers]]:
    """(low, high) of test accuracy and test loss, where the answers behind them are stored."""
    if not stores_answers(run, key):
        return {}
    count, found = len(answered_samples(run, key).samples), {}
    if accuracy := numbers.get("test_accuracy"):
        of = [None if share is None else wilson(share * count, count) for share in accuracy]
        found["test_accuracy"] = tuple(one and one.low for one in of), tuple(one and one.high for one in of)
    if loss := numbers.get("test_loss"):
        half = [Z95 * held_out_answers(run, key, epoch).error for epoch in range(len(loss))]
        if all(map(math.isfinite, half)):
            ends = zip(loss, half, strict=True)
            pairs = [(None, None) if value is None else (value - wide, value + wide) for value, wide in ends]
            found["test_loss"] = tuple(low for low, _ in pairs), tuple(high for _, high in pairs)
    return found


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _known(value: Any) -> float | None:
    return float(value) if _finite(value) else None


def answers(run: Run, series: Series) -> Iterator[np.ndarray]:
    """The class of each of the `answered_samples`, (sample,), after one epoch after the other."""
    return (held_out_answers(run, series.key, epoch).predicted for epoch in range(series.epochs))


def changed_between(run: Run, series: Series, first: int, last: int) -> np.ndarray:
    """bool (sample,): given another class after one of the epochs `first` to `last`, from 0, than before."""
    changed = np.zeros(len(answered_samples(run, series.key).samples), np.bool_)
    for epoch in range(max(1, first), min(last, series.epochs - 1) + 1):
        before, now = (held_out_answers(run, series.key, at).predicted for at in (epoch - 1, epoch))
        changed |= before != now
    return changed


def class_courses(run: Run, classes: int) -> ClassCourses | None:
    """Of the classes of a run that has `trained_series`; None without labels, or without stored answers."""
    series = trained_series(run)
    if (
        series is None
        or not stores_answers(run, series.key)
        or answered_samples(run, series.key).label is None
    ):
        return None
    return _class_courses(run, series.key, classes, series.epochs)


@newest_per_owner
def _class_courses(run: Run, key: str, classes: int, epochs: int) -> ClassCourses:
    label = answered_samples(run, key).label
    assert label is not None

    def count(chosen: np.ndarray) -> np.ndarray:
        return np.bincount(label[chosen], minlength=classes)

    named = [held_out_answers(run, key, epoch).predicted for epoch in range(epochs)]
    right = [one == label for one in named]
    nothing = np.zeros((1, classes), int)
    pairs = list(zip(range(epochs), range(1, epochs), strict=False))
    lost = np.stack([nothing[0], *(count(right[before] & ~right[now]) for before, now in pairs)])
    won = np.stack([nothing[0], *(count(~right[before] & right[now]) for before, now in pairs)])
    changed = np.stack([nothing[0], *(count(named[before] != named[now]) for before, now in pairs)])
    p = np.ones((epochs, classes))
    tests = [mcnemar(*map(int, each)) for each in zip(lost[1:].ravel(), won[1:].ravel(), strict=True)]
    p[1:] = holm(np.array(tests)).reshape(epochs - 1, classes)
    counted = np.stack([count(one) for one in right])
    return ClassCourses(count(np.ones(len(label), bool)), counted, lost, won, changed, p, _learned(counted))


def _learned(right: np.ndarray) -> np.ndarray:
    """int (class,): from which epoch on its recall stays at least nine tenths of its last."""
    near = right >= LASTING * right[-1]
    since = len(right) - np.argmin(near[::-1], axis=0)
    return np.where(right[-1] == 0, -1, np.where(near.all(axis=0), 0, since))


def accuracy_among(run: Run, series: Series, chosen: np.ndarray) -> Numbers:
    """(epoch,): accuracy of the test images in bool (sample,), None of no image."""
    label = answered_samples(run, series.key).label
    if label is None or not chosen.any():
        return (None,) * series.epochs
    return tuple(float(np.mean(named[chosen] == label[chosen])) for named in answers(run, series))
