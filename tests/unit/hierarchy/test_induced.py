"""The induced tree and the decisions that follow from it, on heads computed by hand and in general."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvid.hierarchy.accuracy import accuracy, chance
from deepvid.hierarchy.decisions import hard_leaves, node_probabilities, path_means, soft_leaves
from deepvid.hierarchy.induced import induced

NOTHING = np.empty((0, 0), np.float32)  # features: the induced tree reads the logits
HEAD = np.array([[0, 0], [9, 0], [0, 1], [9, 2]], np.float32)  # 0 and 2 are near, then 1 and 3


def test_the_nearest_rows_of_the_head_are_merged_first():
    # |w0 - w2| = 1, |w1 - w3| = 2, and the two pairs are 9 apart
    assert induced(HEAD).tree.children.tolist() == [[0, 2], [1, 3], [4, 5]]


def test_a_node_decides_by_the_mean_logits_of_its_children():
    hierarchy = induced(HEAD)
    # root: mean of 0 and 2 is 2, of 1 and 3 is 3; {0, 2}: 4 - 0; {1, 3}: 1 - 5
    branching = hierarchy.branching(np.array([[4, 1, 0, 5]], np.float32), NOTHING)
    expected = 1 / (1 + np.exp([-4.0, 4.0, 1.0]))
    np.testing.assert_allclose(branching[:, 0], expected, rtol=1e-5)
    assert hard_leaves(hierarchy.tree, branching).tolist() == [3]
    root, second = 1 - expected[2], 1 - expected[1]
    np.testing.assert_allclose(soft_leaves(hierarchy.tree, branching)[3], root * second, rtol=1e-5)
    probability = node_probabilities(hierarchy.tree, branching)
    np.testing.assert_allclose(probability[[6, 5, 3], 0], [1, root, second], rtol=1e-5)
    mean = path_means(hierarchy.tree, probability, np.array([3]))
    np.testing.assert_allclose(mean, [(root + second) / 2], rtol=1e-5)


def test_the_mean_logit_is_the_inner_product_with_the_mean_weight():
    rng = np.random.default_rng(0)
    weights, features = rng.normal(size=(7, 5)), rng.normal(size=(20, 5))
    hierarchy = induced(weights)
    under = hierarchy.tree.under
    mean = features @ (under @ weights / under.sum(axis=1, keepdims=True)).T
    first, second = (mean[:, side] for side in hierarchy.tree.children.T)
    by_weights = 1 / (1 + np.exp(second - first)).T
    np.testing.assert_allclose(
        hierarchy.branching(features @ weights.T, features), by_weights, rtol=1e-4, atol=1e-6
    )


@given(st.integers(2, 12), st.integers(0, 1000))
def test_permuting_the_classes_permutes_the_tree(classes, seed):
    rng = np.random.default_rng(seed)
    weights, order = rng.normal(size=(classes, 6)), rng.permutation(classes)
    logits = rng.normal(size=(5, classes)).astype(np.float32)
    one, other = induced(weights), induced(weights[order])

    def groups(hierarchy, name):
        return {frozenset(name[under].tolist()) for under in hierarchy.tree.under}

    assert groups(one, np.arange(classes)) == groups(other, order)
    leaves = hard_leaves(other.tree, other.branching(logits[:, order], NOTHING))
    np.testing.assert_array_equal(order[leaves], hard_leaves(one.tree, one.branching(logits, NOTHING)))


def test_groups_that_mean_something_beat_random_ones():
    """Four groups of four classes: within a group logits rise together, so that its mean stands out."""
    rng = np.random.default_rng(0)
    group, label = np.repeat(np.arange(4), 4), rng.integers(0, 16, 4000)
    weights = 3 * np.eye(4)[group] + 0.3 * rng.normal(size=(16, 4))
    logits = (group[label][:, None] == group) * 2.0 + (label[:, None] == np.arange(16)) * 2.0
    logits = (logits + rng.normal(size=logits.shape)).astype(np.float32)
    hierarchy = induced(weights)
    measured = accuracy(hierarchy, logits, NOTHING, label)
    random = chance(hierarchy.tree, logits, NOTHING, label, trees=40, seed=0)
    assert measured.flat.value == pytest.approx((logits.argmax(axis=1) == label).mean())
    assert measured.hard.low > random.random_hard.high
    assert measured.soft.low > random.random_soft.high
    assert measured.hard_agreement.value > random.random_hard_agreement.high


def test_two_classes_leave_nothing_to_random_trees():
    logits = np.array([[1, 0], [0, 1], [1, 0], [0, 1]], np.float32)
    label = np.array([0, 1, 1, 1])
    hierarchy = induced(np.eye(2))
    measured = accuracy(hierarchy, logits, NOTHING, label)
    random = chance(hierarchy.tree, logits, NOTHING, label, trees=3, seed=0)
    assert measured.hard == measured.flat
    assert random.random_hard == (0.75, 0.75, 0.75)
    assert measured.hard_agreement.value == 1
