"""Trees over classes: their nodes, their order, and where two paths part."""

import numpy as np
import pytest

from deepvid.errors import DataError
from deepvid.hierarchy.tree import tree, tree_of, turn

TOY = tree([(2, 0), (3, 1), (5, 4)])  # classes 0 .. 3: nodes 4 = {0, 2}, 5 = {1, 3}, 6 = all


def test_siblings_stand_by_the_smallest_class_under_them():
    assert TOY.children.tolist() == [[0, 2], [1, 3], [4, 5]]
    assert TOY.order.tolist() == [0, 2, 1, 3]


def test_a_path_runs_from_the_root():
    assert (TOY.root, TOY.parent.tolist()) == (6, [4, 5, 4, 5, 6, 6, -1])
    assert TOY.depth.tolist() == [2, 2, 2, 2, 1, 1, 0]
    assert TOY.path(3) == [6, 5, 3]
    assert np.flatnonzero(TOY.under[4]).tolist() == [0, 2]


def test_the_turn_is_the_first_node_that_is_not_on_the_way_to_the_class():
    first = turn(TOY)
    assert first[0].tolist() == [-1, 5, 2, 5]  # 2 is missed at the last step, 1 and 3 at the first
    assert first[3].tolist() == [4, 1, 4, -1]


def test_one_class_is_a_leaf_that_is_the_root():
    one = tree([])
    assert (one.leaves, one.nodes, one.root, one.order.tolist()) == (1, 1, 0, [0])
    assert one.depth.tolist() == [0]
    assert one.path(0) == [0]
    assert turn(one).tolist() == [[-1]]


@pytest.mark.parametrize("merges", [[], [(0, 1)], [(2, 0), (3, 1), (5, 4)], [(3, 1), (4, 2), (0, 5)]])
def test_its_parents_tell_a_tree(merges):
    assert tree_of(tree(merges).parent).children.tolist() == tree(merges).children.tolist()


@pytest.mark.parametrize("parent", [[], [-1, -1], [2, 2], [2, -1, -1], [3, 3, 3, -1, -1], [1, 2, -1]])
def test_what_is_no_binary_tree_is_an_error(parent):
    with pytest.raises(DataError, match="two children"):
        tree_of(np.array(parent, np.int32))


def test_a_class_may_end_at_several_leaves():
    """Leaves 0 .. 3 of classes 1, 0, 1, 0, none of 2; nodes 4 = leaves 0 and 1, 5 = 2 and 3, 6 = all."""
    shared = tree([(0, 1), (2, 3), (4, 5)], label=np.array([1, 0, 1, 0]), classes=3)
    assert shared.children.tolist() == [[1, 0], [3, 2], [4, 5]]
    assert shared.has[4].tolist() == [True, True, False]
    assert shared.classes_of(6) == [0, 1]
    assert turn(shared)[0].tolist() == [0, -1, 2, -1]
    assert turn(shared)[2].tolist() == [6, 6, 6, 6]
