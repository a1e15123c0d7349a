"""A class hierarchy: every row's way down, how true its decisions are, and whether other seeds grow it."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import xarray as xr

from dashboards.kernels import counts
from deepvid.errors import DataError, DeepVIDError
from deepvid.hierarchy.tree import Tree, returns, tree_of, turn
from deepvid.statistics import Interval
from deepvid.store import Address, Run, list_runs, open_run

HEAD, SOFT = "head", "soft"
STAGES = {HEAD: "hierarchy", SOFT: "soft-tree"}
"""The stage of each hierarchy, by the name it has in links."""
CHOICES = (
    [HEAD, "of the head", "The tree that the weights of the teacher's last layer imply"],
    [SOFT, "distilled", "A soft decision tree that has learned the teacher's answers"],
)
"""[name, what a person reads, hint] of each."""


class Rule(NamedTuple):
    """P(first child | inner node) = σ(w · features + b) of a soft tree."""

    weights: np.ndarray  # f32 (inner, feature)
    bias: np.ndarray  # f32 (inner,)


class Returns(NamedTuple):
    """How often the groups of a tree return in other trees."""

    trees: int  # others
    times: np.ndarray  # int (node,): of them, those that have a node of the same classes


@dataclass(frozen=True, eq=False)
class Decisions:
    """The hard paths of a population's rows, each told by the leaf that it ends at."""

    parent: np.ndarray  # int32 (node,), as stored
    node_probability: np.ndarray  # f32 (node,): mean over the test images that reach it, nan where none does
    attributes: Mapping[str, Any]  # of the stage: `accuracy`, and what else it says
    label: np.ndarray  # int32 (leaf,): class of each leaf
    true: np.ndarray  # int32 (row,): the class it has, or without labels the predicted one
    end: np.ndarray  # int32 (row,): the leaf that its path ends at
    classes: int
    rule: Rule | None = None  # None: it is the head's own tree, whose decisions follow from the logits
    returns: Returns | None = None  # None: there is nothing to compare it with

    @property
    def name(self) -> str:
        """`HEAD` or `SOFT`."""
        return HEAD if self.rule is None else SOFT

    @cached_property
    def tree(self) -> Tree:
        """Raises DataError for what is none, or for rules and counts that are not of it."""
        tree = tree_of(self.parent, self.label, self.classes)
        nodes = [self.node_probability, *([] if self.returns is None else [self.returns.times])]
        inner = [] if self.rule is None else [self.rule.weights, self.rule.bias]
        if any(len(one) != tree.nodes for one in nodes) or any(len(one) != tree.leaves - 1 for one in inner):
            raise DataError(
                "A class hierarchy has one entry per node",
                f"{[len(one) for one in (*nodes, *inner)]} entries for {tree.nodes} nodes",
                "Verify the run: deepvid verify RUN",
            )
        return tree

    @cached_property
    def cell(self) -> np.ndarray:
        """(row,): true * leaves + leaf. Raises DataError for a leaf that is none: kernels trust it."""
        leaves = len(self.label)
        sides = ((self.end, leaves), (self.label, self.classes))
        if any(len(side) and not 0 <= side.min() <= side.max() < end for side, end in sides):
            raise DataError(
                "Every path ends at a leaf of its tree, and every leaf belongs to a class of the run",
                f"leaves up to {self.end.max(initial=0)} of {leaves}, "
                f"classes up to {self.label.max(initial=0)} of {self.classes}",
                "Verify the run: deepvid verify RUN",
            )
        return (self.true * leaves + self.end).astype(np.min_scalar_type(self.classes * leaves))

    @cached_property
    def accuracy(self) -> dict[str, Interval]:
        """`deepvid.hierarchy.accuracy.Accuracy` by name, and where it is known its `Chance`."""
        return {name: Interval(**share) for name, share in self.attributes["accuracy"].items()}

    @property
    def labeled(self) -> bool:
        """Whether it is measured by the labels of images, and not by the teacher's answers alone."""
        return "flat" in self.accuracy or self.tree.classes == 1

    @property
    def random_trees(self) -> int:
        """How many it is compared with; 0: none."""
        return int(self.attributes.get("random_trees", 0))

    def count(self, mask: np.ndarray | None = None) -> np.ndarray:
        """Counts int64 (true, leaf) of the rows in `mask` (None: all)."""
        return self._counts if mask is None else self._tally(mask)

    def leaf(self, row: int) -> int:
        """The leaf that a row's path ends at."""
        return int(self.end[row])

    def through(self, node: int) -> np.ndarray:
        """bool (row,): the rows whose path has this node."""
        under = self.tree.under[node]
        return counts.in_cells(self.cell, np.broadcast_to(under, (self.classes, len(under))))

    def astray_at(self, depth: int) -> np.ndarray:
        """bool (row,): the rows whose first step off the way to their class is the one to this depth."""
        return counts.in_cells(self.cell, self._turn == depth)

    @cached_property
    def _turn(self) -> np.ndarray:
        """int (class, leaf): depth at which a path to the leaf leaves the way to the class; -1: nowhere."""
        node = turn(self.tree)
        return np.where(node >= 0, self.tree.depth[node], -1)

    @cached_property
    def _counts(self) -> np.ndarray:
        return self._tally(None)

    def _tally(self, mask: np.ndarray | None) -> np.ndarray:
        leaves = len(self.label)
        return counts.tally(self.cell, mask, self.classes * leaves).reshape(self.classes, leaves)


def read_decisions(
    run: Run, name: str, samples: np.ndarray, label: np.ndarray, classes: int
) -> Decisions | None:
    """Of these samples (row,) with their true classes; None of a run without the hierarchy of this name."""
    stage = STAGES[name]
    if stage not in run.stages:
        return None
    group = run.stages[stage].open("parent", "node_probability", "leaf", "accuracy")
    ends = group["leaf_class"].to_numpy() if "leaf_class" in group else np.arange(classes, dtype=np.int32)
    return Decisions(
        group["parent"].to_numpy(),
        group["node_probability"].to_numpy(),
        group.attrs,
        ends,
        label,
        group["leaf"].to_numpy()[samples],
        classes,
        Rule(group["weights"].to_numpy(), group["bias"].to_numpy()) if "weights" in group else None,
        _returns(group),
    )


def node_probabilities(
    decisions: Decisions, logits: np.ndarray, features: np.ndarray | None = None
) -> np.ndarray:
    """f64 (node,): P(node | its parent) of one sample; 1 of the root.

    Of the head's tree σ(z̄ of the node − z̄ of its sibling), where z̄ is the mean of the logits (class,) of the
    classes under a node; of a soft tree σ(w · features + b) of the first child.
    Source: Wan et al. (2021), NBDT: Neural-Backed Decision Tree, ICLR; Frosst and Hinton (2017).
    """
    tree, rule = decisions.tree, decisions.rule
    if rule is None:
        mean = tree.under @ logits.astype(np.float64) / tree.under.sum(axis=1)
        first, second = mean[tree.children].T
        score = first - second
    else:
        assert features is not None
        score = (rule.weights @ features + rule.bias).astype(np.float64)
    probability = np.ones(tree.nodes)
    probability[tree.children[:, 0]] = np.exp(-np.logaddexp(0, -score))
    probability[tree.children[:, 1]] = np.exp(-np.logaddexp(0, score))
    return probability


def called(tree: Tree, class_names: tuple[str, ...], node: int) -> str:
    """A node where several stand in a line: "Shirt", "Shirt, Coat", "Shirt +3", one of every class "all"."""
    first, *others = (class_names[each] for each in tree.classes_of(node))
    if others and (node == tree.root or len(others) == tree.classes - 1):
        return "all"
    return ", ".join([first, *others]) if len(others) < 2 else f"{first} +{len(others)}"


def branch_words(tree: Tree, class_names: tuple[str, ...], node: int) -> str:
    """ "Shirt", "Shirt and Coat", "Shirt, Coat and 4 more", "any class": those under a node, as drawn."""
    names = [class_names[each] for each in tree.classes_of(node)]
    if len(names) == tree.classes > 3:
        return "any class"
    if len(names) > 3:
        return f"{names[0]}, {names[1]} and {len(names) - 2} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _returns(group: xr.Dataset) -> Returns | None:
    others = len(group.attrs.get("others", ()))
    return Returns(others, group["returns"].to_numpy()) if others else None


MOST = 20  # runs that are compared with
FRESH = 60.0  # s that an answer is given again: listing a store reads the end of every journal
_known: WeakKeyDictionary[Decisions, tuple[float, Returns | None]] = WeakKeyDictionary()


def returns_of_seeds(run: Run, decisions: Decisions) -> Returns | None:
    """Of the head's tree of a run; None where its store has no such runs, or cannot be listed."""
    when, found = _known.get(decisions, (0.0, None))
    if not when or time.monotonic() - when > FRESH:
        found = compare_seeds(run, decisions.tree)
        _known[decisions] = time.monotonic(), found
    return found


def compare_seeds(run: Run, tree: Tree) -> Returns | None:
    """The same, looked up anew."""
    others = list(_others(run))
    return Returns(len(others), returns(tree, others)) if others else None


def _others(run: Run) -> Iterator[Tree]:
    """The trees of the runs that are this one but for their seed, the latest first."""
    left, own = MOST, _but_the_seed(run)
    for path in _named_alike(run):
        try:
            other = open_run(path)
            if left and _but_the_seed(other) == own and STAGES[HEAD] in other.stages:
                left -= 1
                yield tree_of(other.stages[STAGES[HEAD]].open("parent")["parent"].to_numpy())
        except DeepVIDError:
            continue  # what cannot be read is told where it is looked at


def _named_alike(run: Run) -> list[Address]:
    if run.read_only:
        return []
    try:
        listed = list_runs(run.path.parent)
    except DeepVIDError:
        return []
    name = f"{run.config.get('name')}-"
    return [one.path for one in listed if one.id != run.id and one.id.startswith(name) and not one.error]


def _but_the_seed(run: Run) -> dict[str, object]:
    return {key: value for key, value in run.config.items() if key != "seed"}
