"""The sunburst as a table of sectors: which share of the circle each takes, and what happens there."""

from typing import NamedTuple

import numpy as np

from dashboards.data.hierarchy import Decisions
from dashboards.data.population import Mask, Population
from dashboards.session.gestures import Branch, Gesture, Ring
from dashboards.session.selection import Mode, Steps, fold
from deepvid.hierarchy.tree import Tree

CENTER = 0.16  # radius of the root's disc, at least, of a circle of radius 1
MOST_RINGS = 6  # that have a number: of more every other one, or fewer
REACH = 0.07  # radius around a number that belongs to it


class Sectors(NamedTuple):
    """One row for each node of the tree, the root's too; a circle runs clockwise from the top."""

    start: np.ndarray  # f64 (node,), shares of the circle
    end: np.ndarray
    inner: np.ndarray  # f64 (node,), radii; a leaf reaches to the rim
    outer: np.ndarray
    images: np.ndarray  # int64 (node,): that come by
    right: np.ndarray  # int64 (node,): of them, those that end at their class
    astray: np.ndarray  # int64 (node,): of them, those whose first wrong step is the one to this node
    majority: np.ndarray  # int32 (node,): the class most of them have
    most: np.ndarray  # int64 (node,): how many have it
    selected: np.ndarray  # int64 (node,): of them, those that are selected
    partial: bool  # whether anything is selected


class Rings(NamedTuple):
    """The decisions, each a ring that ends at its depth, with the numbers that stand at 12 o'clock."""

    depth: np.ndarray  # int (ring,), from 1
    radius: np.ndarray  # f64 (ring,): of the middle
    astray: np.ndarray  # int64 (ring,): images that went wrong at that decision
    named: dict[int, bool]  # by depth, those of gestures: whether the last one that did took them out
    labeled: bool = True  # False: wrong is what is not the teacher's class


def rings(tree: Tree, shown: Sectors, steps: Steps, name: str) -> Rings:
    """Those that have a number, of the hierarchy of this name."""
    last = int(tree.depth.max())
    depth = np.arange(1, last + 1)[:: -(-last // MOST_RINGS) or 1]
    edges = _edges(tree)
    named = {
        gesture.depth: mode is Mode.SUBTRACT
        for mode, gesture in steps
        if isinstance(gesture, Ring) and gesture.tree == name
    }
    astray = np.bincount(tree.depth, shown.astray, last + 1).astype(np.int64)
    return Rings(depth, (edges[depth] + edges[depth + 1]) / 2, astray[depth], named)


def ring_at(x: float, y: float, numbered: Rings) -> int | None:
    """The depth whose number is at the point."""
    hit = np.flatnonzero(np.hypot(x, y - numbered.radius) <= REACH)
    return int(numbered.depth[hit[0]]) if len(hit) else None


def sectors(tree: Tree, count: np.ndarray, selected: np.ndarray | None) -> Sectors:
    """Of counts int64 (true, leaf), and of those that are selected (None: nothing is)."""
    start, end = _arcs(tree, count.sum(axis=0))
    inner, outer = _rings(tree)
    by_class = _through(tree, count)
    majority = by_class.argmax(axis=1)
    right = tree.under @ count[tree.label, np.arange(tree.leaves)]
    images = by_class.sum(axis=1)
    return Sectors(
        start,
        end,
        inner,
        outer,
        images,
        right,
        _astray(tree, by_class),
        majority.astype(np.int32),
        by_class.max(axis=1),
        images if selected is None else tree.under @ selected.sum(axis=0),
        selected is not None,
    )


def counted(
    decisions: Decisions, table: Population, steps: Steps, mask: Mask | None
) -> tuple[np.ndarray, np.ndarray | None]:
    """What the circle is shared among, and what of it is selected: counts int64 (true, leaf).

    A branch or a ring that was chosen here does not take its siblings' room: they stay to be chosen, too.
    """
    others = tuple(step for step in steps if not _is_of(step.gesture, decisions.name))
    if len(others) == len(steps):
        return decisions.count(mask), None
    shared = decisions.count(fold(others, table))
    return shared, decisions.count(mask)


def framed(steps: Steps, tree: str) -> dict[int, bool]:
    """The nodes of a hierarchy that gestures named: whether the last one that did took the branch out."""
    return {
        gesture.node: mode is Mode.SUBTRACT
        for mode, gesture in steps
        if isinstance(gesture, Branch) and gesture.tree == tree
    }


def last_branch(steps: Steps, tree: str) -> int | None:
    """The node of a hierarchy that the last gesture on it named; None where it named none."""
    last = next((step.gesture for step in reversed(steps) if _is_of(step.gesture, tree)), None)
    return last.node if isinstance(last, Branch) else None


def node_at(x: float, y: float, shown: Sectors) -> int | None:
    """The node whose sector has the point; None beside the circle and where there are no images."""
    radius, turned = np.hypot(x, y), np.arctan2(x, y) / (2 * np.pi) % 1
    on_ring = (shown.inner <= radius) & (radius < shown.outer) & (shown.images > 0)
    hit = np.flatnonzero(on_ring & (shown.start <= turned) & (turned < shown.end))
    return int(hit[0]) if len(hit) else None


def no_better(decisions: Decisions) -> bool:
    """Whether as many random trees as not are as right: its hard accuracy lies in their range, or below.

    Without labels it is the agreement with the teacher that is compared.
    """
    share = "hard" if decisions.labeled else "hard_agreement"
    known = decisions.accuracy
    return bool(decisions.random_trees) and known[share].value <= known[f"random_{share}"].high


def _arcs(tree: Tree, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(node,): where each begins and ends, in shares of all images; of none, nowhere."""
    shares = images[tree.order] / max(images.sum(), 1)
    ends = np.cumsum(shares)
    start, end = np.zeros(tree.nodes), np.zeros(tree.nodes)
    start[tree.order], end[tree.order] = ends - shares, ends
    for inner, (first, second) in enumerate(tree.children):
        start[tree.leaves + inner], end[tree.leaves + inner] = start[first], end[second]
    return start, end


def _rings(tree: Tree) -> tuple[np.ndarray, np.ndarray]:
    """(node,): the radii between which each lies; the root is the disc in the middle."""
    edges = _edges(tree)
    outer = edges[tree.depth + 1]
    outer[: tree.leaves] = 1
    return edges[tree.depth], outer


def _edges(tree: Tree) -> np.ndarray:
    """f64 (depth + 1,): where each ring begins, and where the last one ends."""
    rings = max(int(tree.depth.max()), 1)
    center = max(CENTER, 1 / (rings + 1))
    return np.append(0, np.linspace(center, 1, rings + 1))


def _through(tree: Tree, count: np.ndarray) -> np.ndarray:
    """int64 (node, true): images of each class by each node."""
    total = np.empty((tree.nodes, tree.classes), np.int64)
    total[: tree.leaves] = count.T
    for inner, (first, second) in enumerate(tree.children):
        np.add(total[first], total[second], out=total[tree.leaves + inner])
    return total


def _astray(tree: Tree, by_class: np.ndarray) -> np.ndarray:
    """Σ over the classes that are under a node's parent and not under it: there they went wrong.

    Those of no leaf go wrong at the root.
    """
    above = tree.has[tree.parent] & ~tree.has
    above[tree.root] = ~tree.has[tree.root]
    return np.where(above, by_class, 0).sum(axis=1)


def _is_of(gesture: Gesture, tree: str) -> bool:
    return isinstance(gesture, Branch | Ring) and gesture.tree == tree
