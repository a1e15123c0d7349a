"""Points on the decision boundary, by bisection between images or in closed form between features."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, UInt8

from deepvid.progress import SILENT, Progress
from deepvid.timetravel.contract import Head

Answers = tuple[Float[np.ndarray, "sample class"], Float[np.ndarray, "sample feature"]]
STEPS = 8  # of a bisection; from an interval of 1/2 it leaves 1/512
NEAR = 0.1  # δ: the largest gap of a boundary point
EXPLOITING = 0.05  # a: share of candidates that follow success so far; the others go to pairs with few points
TRIES = 12  # candidates for each point wanted, at most
SAME = 1e-4  # logits are equal to, as a share of theirs: float32 of a hundred products
ROUND = 1000  # candidates bisected at once, at most


class BoundaryImages(NamedTuple):
    """Images between two others, where two classes lead with nearly the same logit."""

    images: UInt8[np.ndarray, "boundary y x channel"]
    features: Float[np.ndarray, "boundary feature"]
    classes: Int[np.ndarray, "boundary 2"]  # those it was sought between, that of the nearer image first
    gap: Float[np.ndarray, " boundary"]


class BoundaryFeatures(NamedTuple):
    """Features between two samples', where two classes lead with the same logit."""

    features: Float[np.ndarray, "boundary feature"]
    classes: Int[np.ndarray, "boundary 2"]


def gap(logits: Float[np.ndarray, "sample class"]) -> Float[np.ndarray, " sample"]:
    """(z₍₁₎ - z₍₂₎) / (z₍₁₎ - z₍K₎) of the sorted logits, in [0, 1]; 0 on the boundary, also of equal logits.

    Source: Yang et al. (2022), AAAI 36; `utils.is_B` of its code.
    """
    ordered = np.sort(logits, axis=1)
    first, second, last = ordered[:, -1], ordered[:, -2], ordered[:, 0]
    return (first - second) / np.where(first > last, first - last, 1)


def boundary_images(
    answers: Callable[[UInt8[np.ndarray, "sample y x channel"]], Answers],
    images: UInt8[np.ndarray, "sample y x channel"],
    logits: Float[np.ndarray, "sample class"],
    number: int,
    *,
    seed: int,
    progress: Progress = SILENT,
) -> BoundaryImages:
    """`number` images round(λ x₁ + (1 - λ) x₂), λ in [1/2, 1], whose gap is below 0.1.

    `answers` gives logits and features of images, as `training.predict` of a classifier does; `logits`
    are those of `images`. λ is bisected for where the class of x₁ begins to lead that of x₂, for all
    candidates of a round at once. Pairs of classes with few points so far are tried more often, and so are
    images near the boundary. Fewer points, or none, where candidates run out or one class alone is predicted.
    Source: Yang et al. (2022); `utils_advanced.py` of its code, which bisects one candidate at a time.
    """
    rng = np.random.default_rng(seed)
    pairs = Pairs.of(logits.argmax(axis=1))
    found, missing, tried = list[BoundaryImages](), number, 0
    while len(pairs.classes) and missing > 0 and tried < TRIES * number:
        progress.update(number - missing, number, "boundary images")
        chosen = pairs.chosen(min(ROUND, number), rng)
        classes = rng.permuted(pairs.classes[chosen], axis=1)  # either may be the first
        ends = _drawn(logits, classes, rng)
        candidates = _bisected(answers, images[ends[:, 0]], images[ends[:, 1]], classes)
        good = candidates.gap < NEAR
        pairs = pairs.after(chosen, good)
        found.append(BoundaryImages(*(part[good] for part in candidates)))
        missing, tried = missing - int(good.sum()), tried + len(chosen)
    progress.update(number, number, "boundary images")
    if not found:
        return _nothing(answers, images)
    joined = BoundaryImages(*map(np.concatenate, zip(*found, strict=True)))
    kept = rng.permutation(len(joined.gap))[:number]
    return BoundaryImages(*(part[kept] for part in joined))


def boundary_features(
    head: Head, features: Float[np.ndarray, "sample feature"], number: int, *, seed: int
) -> BoundaryFeatures:
    """`number` points λ h₁ + (1 - λ) h₂ with z_a = z_b, no other class above, a and b the classes of h₁, h₂.

    The head is linear, so λ = (z_b - z_a)(h₂) / ((z_a - z_b)(h₁) + (z_b - z_a)(h₂)), without a search and
    without the classifier; such features need not be those of any image. Fewer points, or none, where
    candidates run out or one class alone is predicted.
    """
    rng = np.random.default_rng(seed)
    logits = np.asarray(head(features))
    predicted = logits.argmax(axis=1)
    found = [BoundaryFeatures(features[:0], np.zeros((0, 2), np.int64))]
    missing, tried = number, 0
    while missing > 0 and tried < TRIES * number:
        ends = rng.integers(0, len(features), (2, number))
        first, second = ends[:, predicted[ends[0]] != predicted[ends[1]]]
        a, b = predicted[first], predicted[second]
        lead, behind = logits[first, a] - logits[first, b], logits[second, b] - logits[second, a]
        share = (behind / np.where(lead + behind > 0, lead + behind, 1))[:, None]
        mixed = (share * features[first] + (1 - share) * features[second]).astype(np.float32)
        between = np.asarray(head(mixed))
        highest = between.max(axis=1)
        good = between[np.arange(len(a)), a] >= highest - SAME * np.abs(highest)
        found.append(BoundaryFeatures(mixed[good], np.stack([a, b], axis=1)[good]))
        missing, tried = missing - int(good.sum()), tried + number
    joined = BoundaryFeatures(*map(np.concatenate, zip(*found, strict=True)))
    return BoundaryFeatures(joined.features[:number], joined.classes[:number])


class Pairs(NamedTuple):
    """Pairs of predicted classes, and what was found between each so far."""

    classes: Int[np.ndarray, "pair 2"]
    crossings: Int[np.ndarray, " pair"]
    tried: Int[np.ndarray, " pair"]

    @classmethod
    def of(cls, predicted: Int[np.ndarray, " sample"]) -> "Pairs":
        present = np.unique(predicted)
        classes = present[np.stack(np.triu_indices(len(present), 1), axis=1)]
        return cls(classes, *np.zeros((2, len(classes)), np.int64))

    def chosen(self, number: int, rng: np.random.Generator) -> Int[np.ndarray, " candidate"]:
        """a · success + (1 - a) · shortfall below the mean count, each made to sum to one; a = 0.05."""
        success = (1 + self.crossings) / (1 + self.tried)
        shortfall = np.maximum(self.crossings.mean() - self.crossings, 0)
        wanting = shortfall / shortfall.sum() if shortfall.any() else np.full(len(success), 1 / len(success))
        odds = EXPLOITING * success / success.sum() + (1 - EXPLOITING) * wanting
        return rng.choice(len(odds), number, p=odds)

    def after(self, chosen: Int[np.ndarray, " candidate"], good: np.ndarray) -> "Pairs":
        times = [np.bincount(part, minlength=len(self.classes)) for part in (chosen[good], chosen)]
        return self._replace(crossings=self.crossings + times[0], tried=self.tried + times[1])


def _drawn(
    logits: Float[np.ndarray, "sample class"],
    classes: Int[np.ndarray, "candidate 2"],
    rng: np.random.Generator,
) -> Int[np.ndarray, "candidate 2"]:
    """Of each of a candidate's classes one sample, with weight 1 / (z_own - z_other + 1e-4)."""
    predicted = logits.argmax(axis=1)
    ends = np.empty_like(classes)
    for side in (0, 1):
        sought = np.stack([classes[:, side], classes[:, 1 - side]], axis=1)
        for own, other in np.unique(sought, axis=0):
            rows = (sought == (own, other)).all(axis=1)
            samples = np.flatnonzero(predicted == own)
            weight = 1 / (logits[samples, own] - logits[samples, other] + 1e-4)
            ends[rows, side] = rng.choice(samples, np.count_nonzero(rows), p=weight / weight.sum())
    return ends


def _bisected(
    answers: Callable[[np.ndarray], Answers],
    first: UInt8[np.ndarray, "candidate y x channel"],
    second: UInt8[np.ndarray, "candidate y x channel"],
    classes: Int[np.ndarray, "candidate 2"],
) -> BoundaryImages:
    row = np.arange(len(classes))
    low, high = np.full(len(row), 0.5), np.ones(len(row))
    for _ in range(STEPS):
        share = (low + high) / 2
        weight = share[:, None, None, None].astype(np.float32)
        mixed = np.round(weight * first + (1 - weight) * second).astype(np.uint8)
        logits, features = answers(mixed)
        leads = logits[row, classes[:, 0]] > logits[row, classes[:, 1]]
        low, high = np.where(leads, low, share), np.where(leads, share, high)
    return BoundaryImages(mixed, features, classes, gap(logits))


def _nothing(answers: Callable[[np.ndarray], Answers], images: np.ndarray) -> BoundaryImages:
    features = answers(images[:1])[1]
    return BoundaryImages(images[:0], features[:0], np.zeros((0, 2), np.int64), np.zeros(0, np.float32))
