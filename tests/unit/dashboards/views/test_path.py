"""One image's path: probabilities of its steps, where it leaves the way to its class, what is selected."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from tables import a_table

from dashboards.data.hierarchy import Decisions, Returns, Rule, node_probabilities
from dashboards.kit.elements import Button, Choice, walk, words
from dashboards.session.gestures import Branch, Samples
from dashboards.session.selection import Mode, Step
from dashboards.views.path import Path, drawn, path
from deepvid.hierarchy import decisions as reference
from deepvid.hierarchy.induced import Induced
from deepvid.hierarchy.tree import tree

# Classes 0 .. 3; node 4 = {0, 2}, 5 = {1, 3}, 6 = all
PARENT = np.array([4, 5, 4, 5, 6, 6, -1], np.int32)
NAMES = ("a", "b", "c", "d")
LOGITS = np.array([[3, 0, 1, 0], [4, 3, 0, 5], [0, 1, 2, 0]], np.float32)


def _path(table, row, steps):
    return path(table.decisions, table, row, steps)


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _decisions(parent=PARENT, true=(), end=()):
    classes = (len(parent) + 1) // 2
    label = np.arange(classes, dtype=np.int32)
    true, end = (np.array(side, np.int32) for side in (true, end))
    return Decisions(parent, np.ones(len(parent), np.float32), {}, label, true, end, classes)


def _table(label, leaf, parent=PARENT, logits=LOGITS, names=NAMES):
    label, leaf = (np.array(side, np.int32) for side in (label, leaf))
    table = a_table(label, logits.argmax(axis=1), classes=len(names))
    assert table.predictions is not None
    decisions = _decisions(parent, label, leaf)
    said = table.predictions._replace(logits=xr.DataArray(logits, dims=("sample", "class")))
    return replace(table, predictions=said, decisions=decisions, class_names=names)


@pytest.fixture
def table():
    """Row 0 is an a on its way; row 1 a c by its label that goes to d; row 2 a c that ends at a."""
    return _table([0, 2, 2], [0, 3, 0])


def test_the_probability_of_a_branch_is_the_logistic_of_the_difference_of_mean_logits():
    probability = node_probabilities(_decisions(), LOGITS[0])
    # node 4: (3 + 1) / 2 = 2, node 5: 0; in node 4 class 0 has 3 and class 2 has 1; in node 5 both have 0
    expected = [_sigmoid(2), 0.5, _sigmoid(-2), 0.5, _sigmoid(2), _sigmoid(-2), 1]
    np.testing.assert_allclose(probability, expected)


def test_the_stage_computes_the_same():
    rng = np.random.default_rng(0)
    merges, left = [], list(range(12))
    for node in range(12, 23):
        merges.append([left.pop(rng.integers(len(left))) for _ in range(2)])
        left.append(node)
    grown, logits = tree(merges), rng.normal(size=(5, 12)).astype(np.float32)
    stage = reference.node_probabilities(grown, Induced(grown).branching(logits, logits))
    for sample, row in enumerate(logits):
        np.testing.assert_allclose(
            node_probabilities(_decisions(grown.parent), row), stage[:, sample], rtol=1e-5
        )


def test_logits_far_apart_give_zero_and_one():
    probability = node_probabilities(_decisions(), np.array([2000, 0, 0, 0], np.float32))
    assert probability[[4, 5]].tolist() == [1, 0]


def test_a_right_path_is_told_step_by_step(table):
    found = _path(table, 0, ())
    assert found.title == "2 steps to a, its class"
    first, second = found.steps
    assert (first.taken.words, first.other.words) == ("a and c", "b and d")
    assert first.share == pytest.approx(_sigmoid(2))
    assert (first.taken.probability, first.other.probability) == (".88", ".12")
    assert (second.taken.node, second.other.node) == (0, 2)
    assert [step.taken.true for step in found.steps] == [True, True]
    assert [step.astray for step in found.steps] == [False, False]
    # σ(2)² = .776
    assert found.lines[0][0] == "Decided as a; all steps together .78."
    assert len(found.lines) == 1


def test_the_step_that_leaves_the_path_of_the_class_says_so(table):
    found = _path(table, 1, ())
    assert found.title == "Leaves the path of c at step 1 of 2"
    assert [step.note for step in found.steps] == ["leaves the path of c", ""]
    assert [step.astray for step in found.steps] == [True, True]
    assert found.steps[0].other.true
    assert not found.steps[1].other.true
    assert _path(table, 2, ()).title == "Leaves the path of c at step 2 of 2"


def test_it_says_where_the_teacher_itself_predicts_another_class(table):
    # row 2: its leaf is a, its largest logit that of c
    assert _path(table, 2, ()).lines[1][0] == (
        "The teacher itself predicts c: group by group it decides otherwise."
    )


def test_branches_that_gestures_chose_are_marked(table):
    steps = (
        Step(Mode.REPLACE, Branch(4)),
        Step(Mode.ADD, Branch(2)),
        Step(Mode.SUBTRACT, Branch(4)),
        Step(Mode.INTERSECT, Samples((0,))),
    )
    first, second = _path(table, 0, steps).steps
    assert (first.taken.chosen, second.other.chosen) == (False, True)
    assert _path(table, 0, steps[:2]).steps[0].taken.chosen


def test_one_class_has_nothing_to_decide():
    one = _table([0], [0], np.array([-1], np.int32), np.ones((1, 1), np.float32), ("a",))
    found = _path(one, 0, ())
    assert found == Path("One class: a tree of one node, and nothing to decide", "head", [], [])
    card = drawn(found, one)
    assert words(card) == found.title
    assert not [each for each in walk(card) if isinstance(each, Button | Choice)]


def test_a_soft_tree_decides_by_features(table):
    """Leaves 0 .. 2 of the classes c, a, c; node 3 = leaves 1 and 2, 4 = all, in the order 3, 0."""
    parent = np.array([4, 3, 3, 4, -1], np.int32)
    true, end = np.array([0, 2, 2], np.int32), np.array([1, 1, 0], np.int32)
    rule = Rule(np.array([[0, 1], [2, 0]], np.float32), np.array([0, 1], np.float32))
    soft = Decisions(
        parent,
        np.ones(5, np.float32),
        {},
        np.array([2, 0, 2], np.int32),
        true,
        end,
        4,
        rule,
        Returns(2, np.ones(5)),
    )
    table = replace(table, softened=soft)
    found = path(soft, table, 1, (), np.array([1, 3], np.float32))
    first, second = found.steps
    # the root's first child, node 3, has σ(2 · 1 + 1); there leaf 1 has σ(3)
    assert (first.share, second.share) == pytest.approx((_sigmoid(3), _sigmoid(3)))
    assert (first.taken.words, first.other.words) == ("a and c", "c")
    assert first.taken.true  # c ends on both sides
    assert first.other.true
    assert [step.note for step in found.steps] == ["", "leaves the path of c"]
    (trees,) = (each for each in walk(drawn(found, table)) if isinstance(each, Choice))
    assert ([name for name, *_ in trees.options], trees.chosen) == (["head", "soft"], "soft")
    assert found.lines[1][0] == "The teacher itself predicts d: the tree has learned it otherwise."
    chosen = path(soft, table, 1, (Step(Mode.REPLACE, Branch(3)),), np.array([1, 3], np.float32))
    assert not chosen.steps[0].taken.chosen  # that is a branch of the other tree
