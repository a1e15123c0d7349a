"""Decisions of a class hierarchy, and samples' ways down its tree: hard ones follow the likelier child, soft
ones weigh every leaf."""

from typing import Protocol

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from deepvid.hierarchy.tree import Tree


class Hierarchy(Protocol):
    """A tree over classes with a decision at each of its inner nodes."""

    @property
    def tree(self) -> Tree:
        """Its nodes."""
        ...

    def branching(
        self, logits: Float[np.ndarray, "sample class"], features: npt.ArrayLike
    ) -> Float[np.ndarray, "inner sample"]:
        """The probability that a sample which reaches an inner node goes on to its first child.

        `features` are (sample, feature) of the penultimate layer, read where they are needed.
        """
        ...

    def classes_of(self, leaves: Float[np.ndarray, "leaf sample"]) -> Int[np.ndarray, " sample"]:
        """The likeliest class of samples whose leaves have these probabilities."""
        ...


def node_probabilities(
    tree: Tree, branching: Float[np.ndarray, "inner sample"]
) -> Float[np.ndarray, "node sample"]:
    """P(node | its parent) of each node; 1 of the root."""
    probability = np.ones((tree.nodes, branching.shape[1]), np.float32)
    probability[tree.children[:, 0]] = branching
    probability[tree.children[:, 1]] = 1 - branching
    return probability


def hard_leaves(tree: Tree, branching: Float[np.ndarray, "inner sample"]) -> Int[np.ndarray, " sample"]:
    """The leaf that each sample reaches by the likelier child at every node; of equals, the first."""
    node = np.full(branching.shape[1], tree.root, np.int32)
    sample = np.arange(len(node))
    for _ in range(tree.depth.max()):
        inner = node >= tree.leaves
        at = node[inner] - tree.leaves
        second = branching[at, sample[inner]] < 0.5
        node[inner] = tree.children[at, second.astype(np.int32)]
    return node


def soft_leaves(tree: Tree, branching: Float[np.ndarray, "inner sample"]) -> Float[np.ndarray, "leaf sample"]:
    """P(leaf) = ∏ P(node | its parent) over the leaf's path; they sum to 1."""
    probability = node_probabilities(tree, branching)
    for node in reversed(range(tree.root)):
        probability[node] *= probability[tree.parent[node]]
    return probability[: tree.leaves]


def path_means(
    tree: Tree, probability: Float[np.ndarray, "node sample"], leaf: Int[np.ndarray, " sample"]
) -> Float[np.ndarray, " sample"]:
    """The mean of P(node | its parent) along each sample's path to its leaf, without the root; 1 of none."""
    total, sample, node = np.zeros(len(leaf), np.float32), np.arange(len(leaf)), leaf.astype(np.int32)
    for _ in range(tree.depth.max()):
        below = node != tree.root
        total[below] += probability[node[below], sample[below]]
        node = np.where(below, tree.parent[node], node)
    steps = tree.depth[leaf]
    return np.where(steps > 0, total / np.maximum(steps, 1), 1).astype(np.float32)
