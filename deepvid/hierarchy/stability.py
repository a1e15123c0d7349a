"""How often the groups of a tree return in other trees."""

from collections.abc import Sequence

import numpy as np

from deepvid.hierarchy.tree import Tree


def returns(tree: Tree, others: Sequence[Tree]) -> np.ndarray:
    """int32 (node,): in how many of the others there is a node with the same classes at or under it."""
    groups = [{row.tobytes() for row in other.has} for other in others]
    return np.array([sum(row.tobytes() in group for group in groups) for row in tree.has], np.int32)
