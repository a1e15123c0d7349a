"""A soft decision tree: a linear decision at each inner node, and probabilities of the classes at each leaf.

Source: Frosst and Hinton (2017), Distilling a Neural Network Into a Soft Decision Tree, arXiv 1711.09784.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int
from scipy.special import expit

from deepvid.hierarchy.tree import Tree, tree


@dataclass(frozen=True, eq=False)
class SoftTree:
    """P(first child | node) = σ(w · x + b) of the features x; P(class) = Σ P(leaf) Q(class) over leaves."""

    tree: Tree
    weights: Float[np.ndarray, "inner feature"]
    bias: Float[np.ndarray, " inner"]
    leaf_probability: Float[np.ndarray, "leaf class"]  # Q; the likeliest class is the leaf's

    def branching(
        self, logits: Float[np.ndarray, "sample class"], features: npt.ArrayLike
    ) -> Float[np.ndarray, "inner sample"]:
        """σ(w · x + b)."""
        scores = self.weights @ np.asarray(features, np.float32).T + self.bias[:, None]
        return np.asarray(expit(scores))

    def classes_of(self, leaves: Float[np.ndarray, "leaf sample"]) -> Int[np.ndarray, " sample"]:
        """The likeliest of Σ P(leaf) Q(class)."""
        return np.asarray((self.leaf_probability.T @ leaves).argmax(axis=0))


class Full(NamedTuple):
    """A tree of 2^depth leaves in the order of a heap: node i has the children 2 i + 1 and 2 i + 2."""

    weights: Float[np.ndarray, "inner feature"]  # P(first child | node) = σ(w · x + b)
    bias: Float[np.ndarray, " inner"]
    leaf_probability: Float[np.ndarray, "leaf class"]
    arrival: Float[np.ndarray, " leaf"]  # P(leaf) over the training images


def pruned(full: Full) -> SoftTree:
    """Without decisions between leaves of one class, which decide nothing: Q is their mean by arrival."""
    leaves, inner, merges = list[_Leaf](), list[int](), list[tuple[_Part, _Part]]()

    def grown(node: int) -> "_Part":
        if node >= len(full.bias):
            at = node - len(full.bias)
            return _Leaf(full.leaf_probability[at], float(full.arrival[at]))
        first, second = grown(2 * node + 1), grown(2 * node + 2)
        if isinstance(first, _Leaf) and isinstance(second, _Leaf) and first.label == second.label:
            return first.with_(second)
        inner.append(node)
        merges.append((first, second))
        return len(inner) - 1

    root = grown(0)
    for pair in [*merges, (root,)]:
        leaves.extend(part for part in pair if isinstance(part, _Leaf))
    number = {id(leaf): at for at, leaf in enumerate(leaves)}

    def node_of(part: "_Part") -> int:
        return number[id(part)] if isinstance(part, _Leaf) else len(leaves) + part

    pairs = np.array([[node_of(first), node_of(second)] for first, second in merges], np.int32)
    made = tree(pairs, np.array([leaf.label for leaf in leaves]), full.leaf_probability.shape[1])
    sign = np.where(made.children[:, 0] == pairs.reshape(-1, 2)[:, 0], 1, -1).astype(np.float32)
    return SoftTree(
        made,
        sign[:, None] * full.weights[inner],
        sign * full.bias[inner],
        np.array([leaf.probability for leaf in leaves], np.float32),
    )


@dataclass(frozen=True, eq=False)
class _Leaf:
    probability: np.ndarray
    arrival: float

    @property
    def label(self) -> int:
        return int(self.probability.argmax())

    def with_(self, other: "_Leaf") -> "_Leaf":
        both = self.arrival + other.arrival
        share = self.arrival / both if both > 0 else 0.5
        return _Leaf(share * self.probability + (1 - share) * other.probability, both)


_Part = _Leaf | int  # an int is the number of an inner node, in the order they are made
