"""Which way every row takes down the class hierarchy, and how true these decisions are."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from dashboards.kernels import counts
from deepvid.hierarchy.tree import Tree, tree_of
from deepvid.statistics import Interval
from deepvid.store import Run

STAGE = "hierarchy"


@dataclass(frozen=True, eq=False)
class Decisions:
    """The hard paths of a population's rows, each told by the leaf that it ends at."""

    parent: np.ndarray  # int32 (node,), as stored
    node_probability: np.ndarray  # f32 (node,): mean over the test images that reach it, nan where none does
    random_trees: int
    attributes: Mapping[str, Any]  # `accuracy` of the stage
    cell: np.ndarray  # (row,): true * classes + leaf

    @cached_property
    def tree(self) -> Tree:
        """Raises DataError for what is none."""
        return tree_of(self.parent)

    @cached_property
    def accuracy(self) -> dict[str, Interval]:
        """`deepvid.hierarchy.accuracy.Accuracy` by name."""
        return {name: Interval(**share) for name, share in self.attributes.items()}

    def count(self, mask: np.ndarray | None = None) -> np.ndarray:
        """Counts int64 (true, leaf) of the rows in `mask` (None: all)."""
        return self._counts if mask is None else counts.confusion(self.cell, mask, self.tree.classes)

    def leaf(self, row: int) -> int:
        """The class that a row's path ends at."""
        return int(self.cell[row]) % self.tree.classes

    def through(self, node: int) -> np.ndarray:
        """bool (row,): the rows whose path has this node."""
        return counts.in_cells(self.cell, np.broadcast_to(self.tree.under[node], (self.tree.classes,) * 2))

    @cached_property
    def _counts(self) -> np.ndarray:
        return counts.confusion(self.cell, None, self.tree.classes)


def read_decisions(run: Run, samples: np.ndarray, label: np.ndarray, classes: int) -> Decisions | None:
    """Of these samples (row,) with their true classes; None of a run that has no hierarchy."""
    if STAGE not in run.stages:
        return None
    group = run.stages[STAGE].open("parent", "node_probability", "leaf", "accuracy")
    leaf = group["leaf"].to_numpy()[samples]
    return Decisions(
        group["parent"].to_numpy(),
        group["node_probability"].to_numpy(),
        group.attrs.get("random_trees", 0),
        group.attrs["accuracy"],
        counts.cells(label, leaf, classes),
    )


def node_probabilities(tree: Tree, logits: np.ndarray) -> np.ndarray:
    """f64 (node,): P(node | its parent) of one sample, σ(z̄ of the node − z̄ of its sibling); 1 of the root.

    z̄ is the mean of the logits (class,) of the classes under a node.
    Source: Wan et al. (2021), NBDT: Neural-Backed Decision Tree, ICLR.
    """
    mean = tree.under @ logits.astype(np.float64) / tree.under.sum(axis=1)
    first, second = mean[tree.children].T
    probability = np.ones(tree.nodes)
    probability[tree.children[:, 0]] = np.exp(-np.logaddexp(0, second - first))
    probability[tree.children[:, 1]] = np.exp(-np.logaddexp(0, first - second))
    return probability


def called(tree: Tree, class_names: tuple[str, ...], node: int) -> str:
    """A node where several stand in a line: "Shirt", "Shirt, Coat", "Shirt +3", and the root "all"."""
    first, *others = (class_names[leaf] for leaf in tree.order[tree.under[node, tree.order]])
    if node == tree.root and others:
        return "all"
    return ", ".join([first, *others]) if len(others) < 2 else f"{first} +{len(others)}"


def branch_words(tree: Tree, class_names: tuple[str, ...], node: int) -> str:
    """ "Shirt", "Shirt and Coat", "Shirt, Coat and 4 more": the classes under a node, as they are drawn."""
    names = [class_names[leaf] for leaf in tree.order[tree.under[node, tree.order]]]
    if len(names) > 3:
        return f"{names[0]}, {names[1]} and {len(names) - 2} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
