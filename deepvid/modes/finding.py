"""Modes found on one half of the test images, and their rules tried on the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from deepvid.causes.cause import Evidence
from deepvid.columns import Column
from deepvid.hypotheses import first_half
from deepvid.modes.columns import InColumn
from deepvid.modes.columns import conditions as in_columns
from deepvid.modes.representation import ATTRIBUTES, WEIGHTS, attributes, represent
from deepvid.statistics import Interval, wilson

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int

MOST = 4000  # errors that are clustered; the others are given to the nearest mode
CLASSES = ("label", "predicted")  # names of conditions
FEWEST = 8  # errors of a mode
CENTRAL = 8
DRAWS = 20
SHARES = (0.04, 0.2, 0.8, 0.96)  # quantiles of an attribute that a rule may begin at


class Condition(NamedTuple):
    """Part of a rule about a class or the picture; `InColumn` is one about a further column."""

    name: str  # "predicted", "label", or an attribute
    value: int  # the class, or which of `SHARES`


class Mode(NamedTuple):
    """A kind of mistake."""

    errors: Int[np.ndarray, " error"]  # places among the errors, the most central first
    rule: tuple[Condition | InColumn, ...]  # empty: none fits
    rate: Interval  # of errors among the images of the other half that the rule holds of; nan: of none
    usual: float  # that of all of that half
    shuffled: float  # the same of rules of as many images drawn at random

    @property
    def is_confirmed(self) -> bool:
        """Whether images of the other half that its rule holds of are wrong more often than by chance."""
        return self.rate.low > max(self.usual, self.shuffled)


class Modes(NamedTuple):
    """Modes in the order of how far they are from the middle of all errors."""

    modes: list[Mode]
    of_error: Int[np.ndarray, " error"]  # the mode of each; -1: of none, for it is too small
    points: Float[np.ndarray, "error component"]  # errors that are alike are near each other


def find_modes(
    evidence: Evidence,
    images: Int[np.ndarray, " image"],
    *,
    count: int,
    seed: int,
    weights: Mapping[str, float] = WEIGHTS,
    columns: Sequence[Column] = (),
) -> Modes:
    """At most `count` modes. Rules are tried on `images`, samples of which as many are wrong as of all.
    `columns` are further ones of all samples.
    """
    points = represent(evidence, weights, columns)
    random = np.random.default_rng(seed)
    half = first_half(len(images), random)
    literals = _literals(evidence, images, half, columns)
    first = np.flatnonzero(np.isin(evidence.errors, images[half]))
    label = _clustered(points, first, count, random)
    middle = points.mean(axis=0) if len(points) else np.zeros(points.shape[1])
    kept = [one for one in range(label.max(initial=-1) + 1) if (label == one).sum() >= FEWEST]
    centers = {one: points[label == one].mean(axis=0) for one in kept}
    kept.sort(key=lambda one: -float(np.linalg.norm(centers[one] - middle)))
    place = np.full(int(evidence.labels.shape[0]), -1)
    place[images] = np.arange(len(images))
    modes, of_error = [], np.full(len(label), -1)
    for number, one in enumerate(kept):
        rows = np.flatnonzero(label == one)
        of_error[rows] = number
        central = rows[np.argsort(((points[rows] - centers[one]) ** 2).sum(axis=1), kind="stable")]
        members = place[evidence.errors[np.intersect1d(rows, first)]]
        rule = _rule(literals, members)
        draws = [random.permutation(np.flatnonzero(half))[: len(members)] for _ in range(DRAWS)]
        wrong, covered = np.sum([_tried(literals, _rule(literals, draw)) for draw in draws], axis=0)
        rate = wilson(*_tried(literals, rule))
        conditions = tuple(literals.conditions[one] for one in rule)
        chance = float(wrong / max(covered, 1))
        modes.append(Mode(central, conditions, rate, literals.usual, chance))
    return Modes(modes, of_error, points)


def _clustered(
    points: Float[np.ndarray, "error component"], first: np.ndarray, count: int, random: np.random.Generator
) -> Int[np.ndarray, " error"]:
    """Ward's clusters of the errors of the first half, at most `MOST` of them, and of each other error the
    cluster whose center is nearest.
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    some = np.sort(random.permutation(first)[:MOST])
    wanted = min(count, len(some) // FEWEST)
    if wanted < 2:
        return np.zeros(len(points), int)
    found = fcluster(linkage(points[some], "ward"), wanted, "maxclust") - 1
    centers = np.stack([points[some][found == one].mean(axis=0) for one in range(found.max() + 1)])
    distance = (points**2).sum(axis=1)[:, None] - 2 * points @ centers.T + (centers**2).sum(axis=1)
    label = distance.argmin(axis=1)
    label[some] = found
    return label


class _Literals(NamedTuple):
    """Conditions that hold of images, in two halves."""

    conditions: list[Condition | InColumn]
    holds: Bool[np.ndarray, "condition image"]
    half: Bool[np.ndarray, " image"]  # the first
    wrong: Bool[np.ndarray, " image"]
    together: Float[np.ndarray, "condition condition"]  # images of the first half that two of them hold of

    @property
    def usual(self) -> float:
        """Error rate of the second half."""
        other = self.wrong[~self.half]
        return float(other.mean()) if len(other) else 0.0


def _literals(
    evidence: Evidence, images: np.ndarray, half: np.ndarray, columns: Sequence[Column]
) -> _Literals:
    label, answer = evidence.labels[images], evidence.answers[images]
    found: list[tuple[Condition | InColumn, np.ndarray]] = [
        *_of_classes(CLASSES[0], label),
        *_of_classes(CLASSES[1], answer),
        *in_columns([column.rows(images) for column in columns], half, SHARES),
    ]
    values = attributes(evidence.images[images])
    for name, of in zip(ATTRIBUTES, values.T, strict=True):
        for at, edge in enumerate(np.quantile(of, SHARES) if len(of) else ()):
            found.append((Condition(name, at), of <= edge if SHARES[at] < 0.5 else of >= edge))
    holds = np.array([one for _, one in found], bool).reshape(len(found), len(images))
    of_first = holds[:, half].astype(np.float32)
    return _Literals(
        [condition for condition, _ in found], holds, half, answer != label, of_first @ of_first.T
    )


def _of_classes(name: str, of: np.ndarray) -> Iterator[tuple[Condition, np.ndarray]]:
    for one in np.unique(of):
        yield Condition(name, int(one)), of == one


def _rule(literals: _Literals, members: Int[np.ndarray, " image"]) -> list[int]:
    """The one or two conditions that tell these images best from others of the first half, by F1; none of no
    image. Label and answer together are no rule: they say themselves that an image is wrong.
    """
    holds = literals.holds[:, members].astype(np.float32)
    f1 = 2 * (holds @ holds.T) / np.maximum(literals.together + len(members), 1)
    label, answer = (
        np.array([isinstance(one, Condition) and one.name == name for one in literals.conditions])
        for name in CLASSES
    )
    f1[np.outer(label, answer) | np.outer(answer, label)] = 0
    if not f1.size or f1.max() <= 0:
        return []
    return sorted({int(one) for one in np.unravel_index(f1.argmax(), f1.shape)})


def _tried(literals: _Literals, rule: list[int]) -> tuple[int, int]:
    """Errors, and images, of the second half that a rule holds of; none without a rule."""
    if not rule:
        return 0, 0
    covered = literals.holds[rule].all(axis=0) & ~literals.half
    return int(literals.wrong[covered].sum()), int(covered.sum())
