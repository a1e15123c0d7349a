"""Soft decision trees, pruned by hand and distilled from a teacher that is one."""

from threading import Event

import numpy as np
import pytest

from deepvid.errors import Cancelled
from deepvid.hierarchy.accuracy import accuracy
from deepvid.hierarchy.decisions import hard_leaves, soft_leaves
from deepvid.hierarchy.distilling import Schedule, depth_for, distill
from deepvid.hierarchy.soft_tree import Full, pruned
from deepvid.hierarchy.tree import returns, tree
from deepvid.progress import Progress

# Node 0 looks at feature 0, nodes 1 and 2 at feature 1; leaves 3 .. 6 have the classes 1, 0, 2, 2
FULL = Full(
    weights=np.array([[1, 0], [0, 1], [0, 1]], np.float32),
    bias=np.array([0, 0.5, 0], np.float32),
    leaf_probability=np.array([[0.1, 0.8, 0.1], [0.7, 0.2, 0.1], [0, 0.2, 0.8], [0.2, 0.2, 0.6]], np.float32),
    arrival=np.array([0.2, 0.2, 0.45, 0.15], np.float32),
)
NO_LOGITS = np.zeros((3, 3), np.float32)
FEATURES = np.array([[2, 3], [2, -3], [-2, 3]], np.float32)


def test_decisions_between_leaves_of_one_class_are_pruned():
    made = pruned(FULL)
    assert sorted(made.tree.label.tolist()) == [0, 1, 2]
    assert made.tree.nodes == 5
    merged = made.leaf_probability[made.tree.label.tolist().index(2)]
    np.testing.assert_allclose(merged, [0.05, 0.2, 0.75], rtol=1e-5)  # arrivals .45 and .15: three to one


def test_samples_go_where_the_full_tree_sends_them_though_siblings_change_places():
    """Feature 0 above 0 goes to node 1, there feature 1 above -0.5 to class 1; all others to class 2."""
    made = pruned(FULL)
    branching = made.branching(NO_LOGITS, FEATURES)
    assert made.tree.label[hard_leaves(made.tree, branching)].tolist() == [1, 0, 2]
    first = 1 / (1 + np.exp(-2.0))
    second = 1 / (1 + np.exp(-3.5))
    leaves = soft_leaves(made.tree, branching)
    at = made.tree.label.tolist().index(1)
    assert leaves[at, 0] == pytest.approx(first * second, rel=1e-5)
    assert made.classes_of(leaves).tolist() == [1, 0, 2]


def test_a_tree_of_one_class_is_a_leaf():
    alone = pruned(FULL._replace(leaf_probability=np.full((4, 1), 1, np.float32)))
    assert (alone.tree.leaves, alone.weights.shape) == (1, (0, 2))
    assert alone.branching(NO_LOGITS, FEATURES).shape == (0, 3)


def test_it_learns_a_teacher_whose_classes_are_quadrants():
    """XOR-like: no linear rule has all four quadrants, a tree of depth two has."""
    random = np.random.default_rng(0)
    features = random.uniform(-1, 1, (4000, 2)).astype(np.float32)
    quadrant = 2 * (features[:, 0] > 0) + (features[:, 1] > 0)
    logits = 8 * np.eye(4, dtype=np.float32)[quadrant]
    found = distill(features, logits, Schedule(2, 30, 0.05, 1e-3), trees=3, seed=0)
    measured = accuracy(found[0], logits, features, quadrant)
    assert measured.hard.value > 0.95
    assert sorted(found[0].tree.label.tolist()) == [0, 1, 2, 3]
    assert (
        measured.hard.value
        >= max(accuracy(other, logits, features, quadrant).hard.value for other in found) - 0.05
    )


def test_distilling_is_repeatable_and_cancels():
    features = np.random.default_rng(0).normal(size=(64, 3)).astype(np.float32)
    once, again = (
        distill(features, features, Schedule(2, 2, 0.01, 0.1), trees=2, seed=7)[0] for _ in range(2)
    )
    np.testing.assert_array_equal(once.weights, again.weights)
    (stop := Event()).set()
    with pytest.raises(Cancelled):
        distill(
            features, features, Schedule(2, 2, 0.01, 0.1), trees=2, seed=7, progress=Progress(cancel=stop)
        )


@pytest.mark.parametrize(("classes", "depth"), [(1, 5), (10, 5), (16, 5), (17, 6), (345, 10)])
def test_a_tree_is_deep_enough_for_two_leaves_a_class(classes, depth):
    assert depth_for(classes) == depth


def test_a_group_returns_where_another_tree_has_a_node_of_the_same_classes():
    """{0, 1} stands in the second alone, {2, 3} in both, all in both, each leaf in both."""
    first = tree([(0, 1), (2, 3), (4, 5)])
    second, third = tree([(1, 0), (3, 2), (4, 5)]), tree([(2, 3), (4, 1), (5, 0)])
    assert returns(first, [second, third]).tolist() == [2, 2, 2, 2, 1, 2, 2]
