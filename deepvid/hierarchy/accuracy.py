"""How true a hierarchy's decisions are, beside the teacher's own and those of random trees."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from deepvid.hierarchy.contract import Hierarchy
from deepvid.hierarchy.decisions import hard_leaves, soft_leaves
from deepvid.hierarchy.induced import shuffled
from deepvid.progress import SILENT, Progress
from deepvid.statistics import Interval, wilson


class Accuracy(NamedTuple):
    """Shares of samples; the first five with Wilson's 95 % interval."""

    flat: Interval  # the teacher's class is the true one
    hard: Interval  # the leaf that hard decisions reach is
    soft: Interval  # the likeliest leaf is
    hard_agreement: Interval  # with the teacher
    soft_agreement: Interval
    random_hard: Interval  # mean of random trees, and the range that holds 95 % of them
    random_soft: Interval
    random_hard_agreement: Interval
    random_soft_agreement: Interval


def accuracy(
    hierarchy: Hierarchy,
    logits: Float[np.ndarray, "sample class"],
    features: npt.ArrayLike,
    label: Int[np.ndarray, " sample"],
    *,
    random_trees: int,
    seed: int,
    progress: Progress = SILENT,
) -> Accuracy:
    """Random trees have the same shape and their classes at random leaves; there are 1 or more."""
    rng, predicted = np.random.default_rng(seed), logits.argmax(axis=1)
    hits = _hits(hierarchy, logits, features, label, predicted)
    others = []
    for number in range(random_trees):
        progress.update(number, random_trees)
        others.append(_hits(shuffled(hierarchy.tree, rng), logits, features, label, predicted))
    shares = np.array(others) / len(label)
    low, high = np.percentile(shares, [2.5, 97.5], axis=0)
    flat = wilson(int((predicted == label).sum()), len(label))
    measured = [wilson(hit, len(label)) for hit in hits]
    ranges = [Interval(*map(float, three)) for three in zip(shares.mean(axis=0), low, high, strict=True)]
    return Accuracy(flat, *measured, *ranges)


def _hits(
    hierarchy: Hierarchy,
    logits: np.ndarray,
    features: npt.ArrayLike,
    label: np.ndarray,
    predicted: np.ndarray,
) -> list[int]:
    """How many hard and soft leaves are the label, then the prediction."""
    branching = hierarchy.branching(logits, features)
    hard = hard_leaves(hierarchy.tree, branching)
    soft = soft_leaves(hierarchy.tree, branching).argmax(axis=0)
    return [int((leaf == other).sum()) for other in (label, predicted) for leaf in (hard, soft)]
