"""Every sample's way down a class hierarchy, as the stages that make one store it."""

import numpy as np
import numpy.typing as npt

from deepvid.hierarchy.contract import Hierarchy
from deepvid.hierarchy.decisions import hard_leaves, node_probabilities, path_means
from deepvid.hierarchy.tree import Tree, turn


def ways(
    hierarchy: Hierarchy, logits: np.ndarray, features: npt.ArrayLike, label: np.ndarray, test: np.ndarray
) -> dict[str, np.ndarray]:
    """The arrays of the tree and of all samples (sample, ...); means are over the test images."""
    tree, branching = hierarchy.tree, hierarchy.branching(logits, features)
    leaf, probability = hard_leaves(tree, branching), node_probabilities(tree, branching)
    return {
        "parent": tree.parent,
        "node_probability": _node_means(tree, probability[:, test], leaf[test]),
        "leaf": leaf,
        "path_probability": path_means(tree, probability, leaf),
        "turn": turn(tree)[label, leaf],
    }


def _node_means(tree: Tree, probability: np.ndarray, leaf: np.ndarray) -> np.ndarray:
    """(node,): the mean of P(node | its parent) over the samples that reach it; nan where none does."""
    reaches = tree.under[:, leaf]
    reached = reaches.sum(axis=1)
    total = np.where(reaches, probability, 0).sum(axis=1, dtype=np.float64)
    return np.divide(total, reached, out=np.full(tree.nodes, np.nan), where=reached > 0).astype(np.float32)
