"""How true a hierarchy's decisions are, beside the teacher's own and those of random trees."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from deepvid.hierarchy.decisions import Hierarchy, hard_leaves, soft_leaves
from deepvid.hierarchy.induced import shuffled
from deepvid.hierarchy.tree import Tree
from deepvid.progress import SILENT, Progress
from deepvid.statistics import Interval, wilson


class Accuracy(NamedTuple):
    """Shares of samples with Wilson's 95 % interval; the first three are None without labels."""

    flat: Interval | None  # the teacher's class is the true one
    hard: Interval | None  # the class of the leaf that hard decisions reach is
    soft: Interval | None  # the likeliest class of all leaves is
    hard_agreement: Interval  # with the teacher
    soft_agreement: Interval

    def shares(self) -> dict[str, Interval]:
        """Those that are known, by their names."""
        return {name: share for name, share in self._asdict().items() if share is not None}


class Chance(NamedTuple):
    """Of random trees: the mean, and the range that holds 95 % of them; without labels two are None."""

    random_hard: Interval | None
    random_soft: Interval | None
    random_hard_agreement: Interval
    random_soft_agreement: Interval

    def shares(self) -> dict[str, Interval]:
        """Those that are known, by their names."""
        return {name: share for name, share in self._asdict().items() if share is not None}


def accuracy(
    hierarchy: Hierarchy,
    logits: Float[np.ndarray, "sample class"],
    features: npt.ArrayLike,
    label: Int[np.ndarray, " sample"] | None,
) -> Accuracy:
    """Of its decisions on these samples."""
    predicted = logits.argmax(axis=1)
    hits = _hits(hierarchy, logits, features, label, predicted)
    flat = [] if label is None else [int((predicted == label).sum())]
    shares = [wilson(hit, len(logits)) for hit in (*flat, *hits)]
    return Accuracy(*_unknown(label, 3), *shares)


def chance(
    tree: Tree,
    logits: Float[np.ndarray, "sample class"],
    features: npt.ArrayLike,
    label: Int[np.ndarray, " sample"] | None,
    *,
    trees: int,
    seed: int,
    progress: Progress = SILENT,
) -> Chance:
    """Of `trees` induced ones, 1 or more, of the same shape with their classes at random leaves."""
    rng, predicted = np.random.default_rng(seed), logits.argmax(axis=1)
    others = []
    for number in range(trees):
        progress.update(number, trees)
        others.append(_hits(shuffled(tree, rng), logits, features, label, predicted))
    shares = np.array(others) / len(logits)
    low, high = np.percentile(shares, [2.5, 97.5], axis=0)
    known = (Interval(*map(float, three)) for three in zip(shares.mean(axis=0), low, high, strict=True))
    return Chance(*_unknown(label, 2), *known)


def _unknown(label: np.ndarray | None, count: int) -> list[Any]:
    """In the place of as many shares that only labels tell."""
    return [None] * count if label is None else []


def _hits(
    hierarchy: Hierarchy,
    logits: np.ndarray,
    features: npt.ArrayLike,
    label: np.ndarray | None,
    predicted: np.ndarray,
) -> list[int]:
    """How many hard and soft classes are the label, where there are labels, then the prediction."""
    branching = hierarchy.branching(logits, features)
    hard = hierarchy.tree.label[hard_leaves(hierarchy.tree, branching)]
    soft = hierarchy.classes_of(soft_leaves(hierarchy.tree, branching))
    others = [predicted] if label is None else [label, predicted]
    return [int((found == other).sum()) for other in others for found in (hard, soft)]
