"""The contract of every class hierarchy; a new one is tested the day it is listed here."""

from collections.abc import Callable

import numpy as np
import pytest

from deepvid.hierarchy.decisions import Hierarchy, hard_leaves, node_probabilities, path_means, soft_leaves
from deepvid.hierarchy.distilling import Schedule, depth_for, distill
from deepvid.hierarchy.induced import induced, shuffled
from deepvid.hierarchy.soft_tree import SoftTree
from deepvid.hierarchy.tree import tree_of


def distilled(weights: np.ndarray) -> SoftTree:
    """Of a linear teacher with these weights."""
    features = np.random.default_rng(2).normal(size=(300, weights.shape[1])).astype(np.float32)
    schedule = Schedule(depth_for(len(weights)), epochs=2, learning_rate=0.01, penalty=1e-3)
    return distill(features, features @ weights.T, schedule, trees=1, seed=0)[0]


MAKERS: dict[str, Callable[[np.ndarray], Hierarchy]] = {
    "induced": induced,
    "distilled": distilled,
    "shuffled": lambda weights: shuffled(induced(weights).tree, np.random.default_rng(1)),
}
"""Name -> what makes it from the head's weights (class, feature)."""

CASES = [(name, classes) for name in MAKERS for classes in (1, 2, 3, 10, 345)]


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def case(request: pytest.FixtureRequest) -> tuple[Hierarchy, np.ndarray]:
    """The hierarchy, and how 50 samples branch."""
    name, classes = request.param
    random = np.random.default_rng(classes)
    weights, features = random.normal(size=(classes, 8)), random.normal(size=(50, 8)).astype(np.float32)
    hierarchy = MAKERS[name](weights)
    return hierarchy, hierarchy.branching((features @ weights.T).astype(np.float32), features)


def test_every_inner_node_splits_what_is_under_it(case: tuple[Hierarchy, np.ndarray]) -> None:
    tree = case[0].tree
    assert tree.under[tree.root].all()
    for inner, (first, second) in enumerate(tree.children):
        assert not (tree.under[first] & tree.under[second]).any()
        assert ((tree.under[first] | tree.under[second]) == tree.under[tree.leaves + inner]).all()
    assert sorted(tree.order) == list(range(tree.leaves))


def test_branches_are_probabilities_and_the_leaves_share_one(case: tuple[Hierarchy, np.ndarray]) -> None:
    hierarchy, branching = case
    assert branching.shape == (hierarchy.tree.leaves - 1, 50)
    assert ((branching >= 0) & (branching <= 1)).all()
    np.testing.assert_allclose(soft_leaves(hierarchy.tree, branching).sum(axis=0), 1, atol=1e-5)


def test_a_hard_path_takes_the_likelier_child_at_every_node(case: tuple[Hierarchy, np.ndarray]) -> None:
    tree, branching = case[0].tree, case[1]
    leaves, probability = hard_leaves(tree, branching), node_probabilities(tree, branching)
    means = path_means(tree, probability, leaves)
    for sample, leaf in enumerate(leaves[:10]):
        steps = probability[tree.path(int(leaf))[1:], sample]
        assert (steps >= 0.5).all()
        assert means[sample] == pytest.approx(steps.mean() if len(steps) else 1, rel=1e-5)
    if tree.leaves <= 2:  # nothing to group
        np.testing.assert_array_equal(leaves, soft_leaves(tree, branching).argmax(axis=0))


def test_the_likeliest_class_is_one_of_a_leaf(case: tuple[Hierarchy, np.ndarray]) -> None:
    hierarchy, branching = case
    likeliest = hierarchy.classes_of(soft_leaves(hierarchy.tree, branching))
    assert likeliest.shape == (50,)
    assert ((likeliest >= 0) & (likeliest < hierarchy.tree.classes)).all()


def test_a_tree_is_told_by_its_parents_and_the_classes_of_its_leaves(
    case: tuple[Hierarchy, np.ndarray],
) -> None:
    made = case[0].tree
    np.testing.assert_array_equal(tree_of(made.parent, made.label, made.classes).children, made.children)
