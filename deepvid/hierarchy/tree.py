"""A binary tree over the classes (NumPy only)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from deepvid.errors import DataError


@dataclass(frozen=True, eq=False)
class Tree:
    """Nodes 0 .. K − 1 are the classes, the leaves; then K − 1 inner nodes, each after its children.

    The last node is the root. Siblings stand in the order of the smallest class under each, so that a tree
    of the same groups is drawn alike whatever made it. One class alone is a leaf that is the root.
    """

    children: np.ndarray  # int32 (inner, 2)

    @property
    def classes(self) -> int:
        """K."""
        return len(self.children) + 1

    @property
    def nodes(self) -> int:
        """2 K − 1."""
        return 2 * self.classes - 1

    @property
    def root(self) -> int:
        """The node that every path begins at."""
        return self.nodes - 1

    @cached_property
    def parent(self) -> np.ndarray:
        """int32 (node,); −1 of the root."""
        parent = np.full(self.nodes, -1, np.int32)
        parent[self.children] = np.arange(self.classes, self.nodes)[:, None]
        return parent

    @cached_property
    def depth(self) -> np.ndarray:
        """int32 (node,): steps from the root."""
        depth = np.zeros(self.nodes, np.int32)
        for inner in reversed(range(self.classes - 1)):
            depth[self.children[inner]] = depth[self.classes + inner] + 1
        return depth

    @cached_property
    def under(self) -> np.ndarray:
        """bool (node, class): whether the class is a leaf at or under the node."""
        under = np.zeros((self.nodes, self.classes), np.bool_)
        np.fill_diagonal(under, True)
        for inner, (first, second) in enumerate(self.children):
            under[self.classes + inner] = under[first] | under[second]
        return under

    @cached_property
    def order(self) -> np.ndarray:
        """int32 (class,): the leaves from the first to the last, as they are drawn."""
        order, left = [], [self.root]
        while left:
            node = left.pop()
            if node < self.classes:
                order.append(node)
            else:
                left.extend(self.children[node - self.classes][::-1].tolist())
        return np.array(order, np.int32)

    def path(self, node: int) -> list[int]:
        """From the root to the node, both included."""
        path = [node]
        while self.parent[path[-1]] >= 0:
            path.append(int(self.parent[path[-1]]))
        return path[::-1]


def tree(merges: Sequence[Sequence[int]] | np.ndarray) -> Tree:
    """The tree of K − 1 merges of two nodes each, (inner, 2): merge i makes node K + i."""
    pairs = np.array(merges, np.int32).reshape(-1, 2)
    smallest = list(range(len(pairs) + 1))
    for pair in pairs:
        first, second = sorted(pair.tolist(), key=smallest.__getitem__)
        smallest.append(smallest[first])
        pair[:] = first, second
    return Tree(pairs)


def tree_of(parent: np.ndarray) -> Tree:
    """The tree whose nodes have these parents, (node,). Raises DataError for what is no binary tree."""
    nodes = len(parent)
    classes = (nodes + 1) // 2
    inner = np.arange(classes, nodes)
    merges = np.argsort(parent[:-1], kind="stable")
    in_pairs = nodes % 2 == 1 and parent[-1] == -1 and (parent[:-1] > np.arange(nodes - 1)).all()
    if not in_pairs or (parent[:-1][merges] != np.repeat(inner, 2)).any():
        raise DataError(
            "Of a class hierarchy every inner node has two children, which come before it",
            f"parents {parent.tolist()[:8]}{' ...' if nodes > 8 else ''}",
            "Verify the run: deepvid verify RUN",
        )
    return tree(merges)


def turn(hierarchy: Tree) -> np.ndarray:
    """int32 (class, leaf): the first node on the way to the leaf that leaves that to the class; −1: none."""
    depth, under = hierarchy.depth, hierarchy.under
    first = np.full((hierarchy.classes, hierarchy.classes), -1, np.int32)
    for node in sorted(range(hierarchy.root), key=depth.__getitem__):  # the upper ones first
        above = under[hierarchy.parent[node]] & ~under[node]
        first[np.ix_(above, under[node])] = node
    return first
