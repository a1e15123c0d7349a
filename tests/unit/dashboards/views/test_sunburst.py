"""The sunburst's table: shares of the circle, what happens in a sector, and which one a point is in."""

from dataclasses import replace

import numpy as np
import pytest
from tables import a_table

from dashboards.data.hierarchy import HEAD, SOFT, Decisions, Returns, Rule, branch_words, called
from dashboards.session.gestures import Branch, Ring, Samples
from dashboards.session.selection import Mode, Step, fold
from dashboards.theme import DARK, LIGHT, class_color
from dashboards.views.sunburst import plot
from dashboards.views.sunburst.spots import spots
from dashboards.views.sunburst.table import (
    counted,
    framed,
    last_branch,
    no_better,
    node_at,
    ring_at,
    rings,
    sectors,
)
from dashboards.views.sunburst.words import breadcrumb, scale, sentence, truth
from deepvid.errors import DataError
from deepvid.hierarchy.tree import tree

# Classes 0 .. 3; node 4 = {0, 2}, 5 = {1, 3}, 6 = all: drawn in the order 0, 2, 1, 3
PARENT = np.array([4, 5, 4, 5, 6, 6, -1], np.int32)
NAMES = ("a", "b", "c", "d")
#        rows:  0  1  2  3  4  5  6  7
LABEL, LEAF = [0, 0, 0, 0, 1, 1, 2, 3], [0, 0, 2, 1, 1, 3, 2, 1]


def _share(value, low=0.0, high=1.0):
    return {"value": value, "low": low, "high": high}


def _accuracy(hard=0.5, highest=0.4):
    names = ("flat", "soft", "hard_agreement", "soft_agreement")
    random = {f"random_{name}": _share(0.3, 0.2, highest) for name in ("hard", *names[1:])}
    return {name: _share(0.75) for name in names} | random | {"hard": _share(hard)}


def _decisions(parent=PARENT, label=LABEL, leaf=LEAF, **accuracy):
    classes = (len(parent) + 1) // 2
    true, end = (np.array(side, np.int32) for side in (label, leaf))
    told = {"accuracy": _accuracy(**accuracy), "random_trees": 100}
    own = np.arange(classes, dtype=np.int32)
    return Decisions(parent, np.full(len(parent), 0.9, np.float32), told, own, true, end, classes)


@pytest.fixture
def table():
    return replace(a_table(LABEL, LEAF, classes=4), class_names=NAMES, decisions=_decisions())


@pytest.fixture
def shown(table):
    return sectors(table.decisions.tree, table.decisions.count(), None)


def test_a_sector_takes_the_share_of_its_images_in_the_order_of_the_tree(shown):
    assert shown.images.tolist() == [2, 3, 2, 1, 4, 4, 8]  # leaves 0 0 2 1 1 3 2 1
    np.testing.assert_allclose(shown.start, [0, 0.5, 0.25, 0.875, 0, 0.5, 0])
    np.testing.assert_allclose(shown.end, [0.25, 0.875, 0.5, 1, 0.5, 1, 1])


def test_rings_are_steps_and_classes_reach_the_rim(shown):
    np.testing.assert_allclose(shown.inner, [2 / 3] * 4 + [1 / 3] * 2 + [0])
    np.testing.assert_allclose(shown.outer, [1] * 4 + [2 / 3] * 2 + [1 / 3])


def test_a_sector_tells_what_is_right_and_where_it_went_wrong(shown):
    assert shown.right.tolist() == [2, 1, 1, 0, 3, 1, 4]
    # row 2 misses 0 by the step to 2; row 3, also a 0, by the step to 5; row 5, a 1, by the step to 3;
    # row 7, a 3, by that to 1
    assert shown.astray.tolist() == [0, 1, 1, 1, 0, 1, 0]
    assert shown.astray.sum() == shown.images[6] - shown.right[6]
    assert shown.majority.tolist() == [0, 0, 0, 1, 0, 1, 0]  # 1 holds one of 0, 1 and 3 each
    assert shown.most.tolist() == [2, 1, 1, 1, 3, 2, 4]


def test_a_point_is_in_the_sector_under_it(shown):
    def at(radius, turned):
        return node_at(radius * np.sin(2 * np.pi * turned), radius * np.cos(2 * np.pi * turned), shown)

    assert [at(0.9, 0.1), at(0.9, 0.3), at(0.9, 0.7), at(0.9, 0.95)] == [0, 2, 1, 3]
    assert [at(0.5, 0.1), at(0.5, 0.6), at(0.1, 0.6)] == [4, 5, 6]
    assert at(1.01, 0.5) is None


def test_every_sector_is_hit_in_its_middle_with_345_classes():
    rng = np.random.default_rng(0)
    merges, left = [], list(range(345))
    for node in range(345, 689):
        pair = [left.pop(rng.integers(len(left))) for _ in range(2)]
        merges.append(pair)
        left.append(node)
    grown = tree(merges)
    shown = sectors(grown, rng.integers(0, 3, (345, 345)), None)
    for node in np.flatnonzero(shown.images):
        radius, turned = (
            (shown.inner[node] + shown.outer[node]) / 2,
            (shown.start[node] + shown.end[node]) / 2,
        )
        x, y = radius * np.sin(2 * np.pi * turned), radius * np.cos(2 * np.pi * turned)
        assert node_at(x, y, shown) == node


def test_a_branch_selects_what_comes_by_it(table):
    assert Branch(4).mask(table).tolist() == [True, True, True, False, False, False, True, False]
    assert Branch(1).mask(table).tolist() == [leaf == 1 for leaf in LEAF]
    assert Branch(6).mask(table).all()
    assert Branch.parse(Branch(5).to_json()) == Branch(5)
    assert Branch(1).sentence(table, 3) == "3 images decided as b"
    assert Branch(4).sentence(table, 4) == "4 images on the branch of a and c"


@pytest.mark.parametrize("node", [7, 2**31 - 1])
def test_a_branch_that_the_tree_does_not_have_is_an_error(table, node):
    with pytest.raises(DataError, match=f"no node {node} among 7"):
        Branch(node).mask(table)
    with pytest.raises(DataError, match="no hierarchy"):
        Branch(0).mask(replace(table, decisions=None))


@pytest.mark.parametrize(
    "value", [-1, 1.5, "4", None, [4], True, ["soft", -1], ["oak", 1], ["soft", 1, 2], [["soft"], 1]]
)
def test_what_is_no_node_is_no_branch(value):
    with pytest.raises((ValueError, TypeError)):
        Branch.parse(value)


def test_a_branch_that_is_selected_keeps_its_siblings_room(table):
    steps = (Step(Mode.REPLACE, Branch(4)),)
    shared, selected = counted(table.decisions, table, steps, fold(steps, table))
    np.testing.assert_array_equal(shared, table.decisions.count())
    shown = sectors(table.decisions.tree, shared, selected)
    assert shown.selected.tolist() == [2, 0, 2, 0, 4, 0, 4]


def test_what_is_selected_elsewhere_is_what_the_circle_is_shared_among(table):
    lasso = Step(Mode.REPLACE, Samples((0, 2, 4)))
    for steps in [(lasso,), (lasso, Step(Mode.INTERSECT, Branch(5)))]:
        shared, selected = counted(table.decisions, table, steps, fold(steps, table))
        shown = sectors(table.decisions.tree, shared, selected)
        assert shown.images.tolist() == [1, 1, 1, 0, 2, 1, 3]
        assert shown.selected[5] == 1
        assert shown.selected[4] == (0 if len(steps) == 2 else 2)


def test_gestures_frame_their_sectors():
    steps = (Step(Mode.REPLACE, Branch(4)), Step(Mode.ADD, Branch(1)), Step(Mode.SUBTRACT, Branch(4)))
    assert framed(steps, HEAD) == {4: True, 1: False}
    assert last_branch(steps, HEAD) == 4
    assert last_branch((), HEAD) is None


def test_nothing_selected_leaves_an_empty_circle(table):
    shown = sectors(table.decisions.tree, np.zeros((4, 4), np.int64), None)
    wedges, names = plot.fill(table.decisions, shown, NAMES, "error", LIGHT)
    assert wedges.node == names.text == []
    assert sentence(shown, 6) == "No images on any branch"
    assert node_at(0.1, 0.1, shown) is None


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_colors_say_the_class_the_errors_and_the_wrong_turns(table, shown, theme):
    color = {
        coloring: plot.fill(table.decisions, shown, NAMES, coloring, theme)[0].color
        for coloring in plot.COLORINGS
    }
    assert color["class"][0] == class_color(0)  # all that end there are of it
    assert color["class"][4] != class_color(0)  # three of four are
    assert color["error"][3] == theme.negative  # its one image is wrong
    assert color["error"][0] == theme.sunken
    assert [shade == theme.negative for shade in color["turn"]] == [turned == 1 for turned in shown.astray]


def test_one_class_and_two_say_so(table):
    one = _decisions(np.array([-1], np.int32), [0, 0], [0, 0])
    shown = sectors(one.tree, one.count(), None)
    assert shown.images.tolist() == [2]
    assert "a tree of one node" in truth(one, ("a",))[0]
    assert plot.fill(one, shown, ("a",), "class", LIGHT)[1].text == ["a"]
    two = _decisions(np.array([2, 2, -1], np.int32), [0, 1], [0, 0])
    assert "Two classes" in truth(two, ("a", "b"))[0]
    assert sentence(sectors(two.tree, two.count(), None), 2) == "1 wrong turn"


def test_it_says_plainly_when_the_tree_is_no_better_than_random_ones():
    assert not no_better(_decisions(hard=0.5, highest=0.4))
    worse = _decisions(hard=0.39, highest=0.4)
    assert truth(worse, NAMES)[0].startswith(
        "No better than random trees. Right: teacher 75.0 %, hard 39.0 (random 30.0)"
    )
    assert not truth(_decisions(), NAMES)[0].startswith("No better")


def test_it_says_what_the_colors_mean(shown):
    assert scale(shown, "class")[0].startswith("Color: the class most images have")
    assert scale(shown, "error")[0] == "Full color: 100 % end at another class."  # of the one that ends at 3
    assert scale(shown, "turn")[0] == "Full color: 1 went wrong by that step."
    nothing = sectors(_decisions().tree, np.zeros((4, 4), np.int64), None)
    assert scale(nothing, "error")[0] == "Full color: 0 % end at another class."


def test_words_of_a_node(table, shown):
    grown = table.decisions.tree
    assert [called(grown, NAMES, node) for node in range(7)] == ["a", "b", "c", "d", "a, c", "b, d", "all"]
    assert branch_words(grown, NAMES, 6) == "any class"
    text, _ = breadcrumb(table.decisions, shown, NAMES, 1)
    assert text == "all › b, d › b: 75 % of the step before, mean node probability 0.90"
    assert sentence(shown, 1) == "33 % of 3 right"
    assert sentence(shown, 6) == "4 wrong turns"


def test_names_never_touch(table):
    """Forty classes of one size: as many names as fit, each a line from the next on its side."""
    merges = [(0, 1), *((40 + k, 2 + k) for k in range(38))]
    decisions = _decisions(tree(merges).parent, range(40), range(40))
    shown = sectors(decisions.tree, decisions.count(), None)
    names = plot.fill(decisions, shown, [f"class {k}" for k in range(40)], "class", LIGHT)[1]
    for align in ("left", "right"):
        heights = sorted(y for y, side in zip(names.y, names.align, strict=True) if side == align)
        assert len(heights) == 13
        assert np.diff(heights).min() > 0.169
        assert max(np.abs(heights)) < 1.2


@pytest.fixture
def softened(table):
    """A tree with two leaves of a, one of b and d each, and none of c: rows end at leaves 0 .. 3.

    Leaves 0 = a, 1 = b, 2 = a, 3 = d; node 4 = leaves 0 and 1, 5 = 2 and 3, 6 = all.
    """
    ends = np.array([0, 1, 0, 3], np.int32)
    leaf = np.array([0, 2, 3, 1, 1, 3, 2, 3])
    told = {"accuracy": {name: share for name, share in _accuracy().items() if "random" not in name}}
    soft = Decisions(
        np.array([4, 4, 5, 5, 6, 6, -1], np.int32),
        np.full(7, 0.9, np.float32),
        told,
        ends,
        np.array(LABEL, np.int32),
        leaf.astype(np.int32),
        4,
        Rule(np.zeros((3, 2), np.float32), np.zeros(3, np.float32)),
        Returns(4, np.array([4, 4, 4, 4, 1, 2, 4])),
    )
    return replace(table, softened=soft)


def test_several_leaves_of_a_class_are_right_alike(softened):
    shown = sectors(softened.softened.tree, softened.softened.count(), None)
    # labels 0 0 0 0 1 1 2 3 end at leaves 0 2 3 1 1 3 2 3, which are a a d b b d a d
    assert shown.images.tolist() == [1, 2, 2, 3, 3, 5, 8]
    assert shown.right.tolist() == [1, 1, 1, 1, 2, 2, 4]
    # row 2, an a, leaves at leaf 3, row 3, an a, at leaf 1, row 5, a b, at node 5; row 6, a c, at the root
    assert shown.astray.tolist() == [0, 1, 0, 1, 0, 1, 1]
    assert shown.astray.sum() == shown.images[6] - shown.right[6]
    _, names = plot.fill(softened.softened, shown, NAMES, "class", LIGHT)
    assert sorted(names.text) == ["a", "a", "b", "d"]


def test_a_branch_of_one_tree_is_none_of_the_other(softened):
    branch = Branch(4, SOFT)
    assert branch.mask(softened).tolist() == [True, False, False, True, True, False, False, False]
    assert Branch.parse(branch.to_json()) == branch != Branch(4)
    assert branch.sentence(softened, 3) == "3 images on the branch of a and b"
    steps = (Step(Mode.REPLACE, branch),)
    assert framed(steps, HEAD) == {}
    assert framed(steps, SOFT) == {4: False}
    assert last_branch(steps, HEAD) is None
    shared, selected = counted(softened.decisions, softened, steps, fold(steps, softened))
    assert (shared.sum(), selected) == (3, None)  # to the other tree it is a selection like any
    shared, selected = counted(softened.softened, softened, steps, fold(steps, softened))
    assert (shared.sum(), selected.sum()) == (8, 3)


def test_it_says_how_firm_the_groups_are_and_which_class_has_no_leaf(softened):
    text, hint = truth(softened.softened, NAMES, softened.softened.returns)
    # two groups, {a, b} in 1 and {a, d} in 2 of 4 trees; without random trees nothing is said of them
    assert text == (
        "Right: teacher 75.0 %, hard 50.0, soft 75.0; agreement 75.0. "
        "1 of 2 groups return in at least half of 4 other trees. No leaf: c."
    )
    assert "other beginnings" in hint
    assert "shuffled" not in hint
    shown = sectors(softened.softened.tree, softened.softened.count(), None)
    soft = softened.softened
    assert breadcrumb(soft, shown, NAMES, 5, soft.returns)[0].endswith("0.90, in 2 of 4 other trees")


@pytest.mark.parametrize(
    "fault",
    [
        {"end": np.full(8, 200, np.int32)},  # a leaf that the tree has not
        {"end": np.full(8, -1, np.int32)},
        {"label": np.array([0, 1, 0, 9], np.int32)},  # a class that the run has not
        {"rule": Rule(np.zeros((2, 2), np.float32), np.zeros(2, np.float32))},  # a decision too few
        {"returns": Returns(4, np.zeros(3, np.int32))},
        {"node_probability": np.zeros(2, np.float32)},
    ],
    ids=lambda fault: next(iter(fault)),
)
def test_a_forged_hierarchy_is_refused_before_a_kernel_reads_it(softened, fault):
    forged = replace(softened.softened, **fault)
    with pytest.raises(DataError, match="deepvid verify RUN"):
        sectors(forged.tree, forged.count(), None)


def test_every_spot_of_the_sunburst_is_the_sector_that_it_names(softened):
    for decisions in (softened.decisions, softened.softened):
        shown = sectors(decisions.tree, decisions.count(), None)
        numbered = rings(decisions.tree, shown, (), decisions.name)
        led = spots(decisions, shown, numbered, NAMES)
        for spot in range(len(led.x)):
            x, y = led.x[spot], led.y[spot]
            depth, node = ring_at(x, y, numbered), node_at(x, y, shown)
            if depth is None:
                assert led.means(spot) == Branch(node, decisions.name)
                assert f": {shown.images[node]} image" in led.text(spot)
            else:
                assert led.means(spot) == Ring(depth, decisions.name)
                assert led.text(spot).startswith(f"Decision {depth}: ")
        assert sum(isinstance(led.means(spot), Ring) for spot in range(len(led.x))) == len(numbered.depth)


def test_a_ring_is_what_goes_wrong_at_its_decision(table, shown):
    decisions = table.decisions
    numbered = rings(decisions.tree, shown, (), HEAD)
    # row 3 leaves the way of 0 by the step to 5; rows 2, 5 and 7 theirs by the last one
    assert numbered.depth.tolist() == [1, 2]
    assert numbered.astray.tolist() == [1, 3]
    assert np.flatnonzero(Ring(1).mask(table)).tolist() == [3]
    assert np.flatnonzero(Ring(2).mask(table)).tolist() == [2, 5, 7]
    assert not Ring(0).mask(table).any()
    assert not Ring(9).mask(table).any()
    assert Ring(2).sentence(table, 3) == "3 images gone wrong at decision 2"


def test_every_error_goes_wrong_at_one_ring(softened):
    """Also where a class has several leaves, or none: it goes wrong at the root."""
    for decisions in (softened.decisions, softened.softened):
        tree = decisions.tree
        wrong = tree.label[decisions.end] != decisions.true
        astray = [decisions.astray_at(depth) for depth in range(int(tree.depth.max()) + 1)]
        np.testing.assert_array_equal(np.sum(astray, axis=0), wrong)


def test_a_ring_that_was_chosen_leaves_the_others_their_room_and_has_a_line(table):
    steps = (Step(Mode.REPLACE, Ring(2)), Step(Mode.SUBTRACT, Ring(1)))
    shared, selected = counted(table.decisions, table, steps, fold(steps, table))
    assert shared.sum() == 8
    assert selected.sum() == 3
    numbers = plot.ring_numbers(
        rings(table.decisions.tree, sectors(table.decisions.tree, shared, selected), steps, HEAD)
    )
    assert numbers.text == ["1", "2"]
    assert (numbers.width, numbers.dash) == ([2.0, 2.0], ["dashed", "solid"])
    assert last_branch((Step(Mode.REPLACE, Branch(4)), *steps), HEAD) is None


def test_of_many_decisions_every_other_ring_has_a_number():
    chain = tree([[0, 1], *([9 + k, k + 2] for k in range(7))])
    shown = sectors(chain, np.eye(9, dtype=np.int64), None)
    numbered = rings(chain, shown, (), HEAD)
    assert numbered.depth.tolist() == [1, 3, 5, 7]
    assert ring_at(0.0, float(numbered.radius[2]) + 0.05, numbered) == 5
    assert ring_at(0.3, float(numbered.radius[2]), numbered) is None
