"""A binary tree whose leaves are classes (NumPy only)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from deepvid.errors import DataError


@dataclass(frozen=True, eq=False)
class Tree:
    """Nodes 0 .. L − 1 are the leaves, each of one class; then L − 1 inner nodes, each after its children.

    The last node is the root. Siblings stand in the order of the smallest class under each, so that a tree
    of the same groups is drawn alike whatever made it. One leaf alone is the root.
    """

    children: np.ndarray  # int32 (inner, 2)
    label: np.ndarray  # int32 (leaf,): the class that ends there; a class may have several leaves, or none
    classes: int

    @property
    def leaves(self) -> int:
        """L."""
        return len(self.label)

    @property
    def nodes(self) -> int:
        """2 L − 1."""
        return 2 * self.leaves - 1

    @property
    def root(self) -> int:
        """The node that every path begins at."""
        return self.nodes - 1

    @cached_property
    def parent(self) -> np.ndarray:
        """int32 (node,); −1 of the root."""
        parent = np.full(self.nodes, -1, np.int32)
        parent[self.children] = np.arange(self.leaves, self.nodes)[:, None]
        return parent

    @cached_property
    def depth(self) -> np.ndarray:
        """int32 (node,): steps from the root."""
        depth = np.zeros(self.nodes, np.int32)
        for inner in reversed(range(self.leaves - 1)):
            depth[self.children[inner]] = depth[self.leaves + inner] + 1
        return depth

    @cached_property
    def under(self) -> np.ndarray:
        """bool (node, leaf): whether the leaf is at or under the node."""
        under = np.zeros((self.nodes, self.leaves), np.bool_)
        np.fill_diagonal(under, True)
        for inner, (first, second) in enumerate(self.children):
            under[self.leaves + inner] = under[first] | under[second]
        return under

    @cached_property
    def has(self) -> np.ndarray:
        """bool (node, class): whether a leaf of the class is at or under the node."""
        has = np.zeros((self.nodes, self.classes), np.bool_)
        has[np.arange(self.leaves), self.label] = True
        for inner, (first, second) in enumerate(self.children):
            has[self.leaves + inner] = has[first] | has[second]
        return has

    @cached_property
    def order(self) -> np.ndarray:
        """int32 (leaf,): the leaves from the first to the last, as they are drawn."""
        order, left = [], [self.root]
        while left:
            node = left.pop()
            if node < self.leaves:
                order.append(node)
            else:
                left.extend(self.children[node - self.leaves][::-1].tolist())
        return np.array(order, np.int32)

    def classes_of(self, node: int) -> list[int]:
        """The classes that end at or under the node, as they are drawn, each once."""
        return list(dict.fromkeys(self.label[self.order[self.under[node, self.order]]].tolist()))

    def path(self, node: int) -> list[int]:
        """From the root to the node, both included."""
        path = [node]
        while self.parent[path[-1]] >= 0:
            path.append(int(self.parent[path[-1]]))
        return path[::-1]


def tree(
    merges: Sequence[Sequence[int]] | np.ndarray, label: np.ndarray | None = None, classes: int | None = None
) -> Tree:
    """The tree of L − 1 merges of two nodes each, (inner, 2): merge i makes node L + i.

    `label` (leaf,) says which of the `classes` ends at each leaf; None: each ends at the leaf of its number.
    """
    pairs = np.array(merges, np.int32).reshape(-1, 2)
    own = np.arange(len(pairs) + 1, dtype=np.int32) if label is None else np.asarray(label, np.int32)
    smallest = own.tolist()
    for pair in pairs:
        first, second = sorted(pair.tolist(), key=lambda node: (smallest[node], node))
        smallest.append(smallest[first])
        pair[:] = first, second
    return Tree(pairs, own, len(own) if classes is None else classes)


def tree_of(parent: np.ndarray, label: np.ndarray | None = None, classes: int | None = None) -> Tree:
    """The tree of nodes with these parents, (node,), and `tree`'s classes. Raises DataError for no tree."""
    nodes = len(parent)
    leaves = (nodes + 1) // 2
    inner = np.arange(leaves, nodes)
    merges = np.argsort(parent[:-1], kind="stable")
    in_pairs = nodes % 2 == 1 and parent[-1] == -1 and (parent[:-1] > np.arange(nodes - 1)).all()
    whole = in_pairs and (parent[:-1][merges] == np.repeat(inner, 2)).all()
    if not whole or (label is not None and len(label) != leaves):
        raise DataError(
            "Every inner node of a class hierarchy has two children, which come before it",
            f"parents {parent.tolist()[:8]}{' ...' if nodes > 8 else ''}",
            "Verify the run: deepvid verify RUN",
        )
    return tree(merges, label, classes)


def turn(hierarchy: Tree) -> np.ndarray:
    """int32 (class, leaf): the first node on the way to the leaf that has no leaf of the class; −1: none.

    There the class is left; of a class without a leaf that is the root.
    """
    first = np.full((hierarchy.classes, hierarchy.leaves), -1, np.int32)
    for leaf in range(hierarchy.leaves):
        path = np.array(hierarchy.path(leaf))
        off = ~hierarchy.has[path]  # (step, class)
        first[:, leaf] = np.where(off.any(axis=0), path[off.argmax(axis=0)], -1)
    return first


def returns(tree: Tree, others: Sequence[Tree]) -> np.ndarray:
    """int32 (node,): in how many of the others there is a node with the same classes at or under it."""
    groups = [{row.tobytes() for row in other.has} for other in others]
    return np.array([sum(row.tobytes() in group for group in groups) for row in tree.has], np.int32)
