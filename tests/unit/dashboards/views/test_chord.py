"""The chord diagram: two arcs a class, ribbons between them, which one a point is in, and what they say."""

from dataclasses import replace

import numpy as np
import pytest
from tables import a_table

from dashboards.data.class_groups import grouped
from dashboards.session.gestures import Cells, Samples
from dashboards.session.selection import Mode, Step, cell_counts, fold, outlined_cells
from dashboards.theme import LIGHT, class_color
from dashboards.views.chord import plot
from dashboards.views.chord.ribbons import (
    GAP,
    INNER,
    OUTER,
    RIM,
    arc_at,
    laid_out,
    outlines,
    ribbon_at,
)
from dashboards.views.chord.table import cells_of, exchange
from dashboards.views.chord.words import arc_words, empty_words, legend, ribbon_words

# Of a 4 are recognized, 2 taken for b and 1 for c; of b 3 recognized and 1 taken for a; of c 5 recognized
COUNT = np.array([[4, 2, 1], [1, 3, 0], [0, 0, 5]])
NAMES = ("a", "b", "c")
LABEL = np.repeat([0, 0, 0, 1, 1, 2], [4, 2, 1, 1, 3, 5]).tolist()
PREDICTED = np.repeat([0, 1, 2, 0, 1, 2], [4, 2, 1, 1, 3, 5]).tolist()


def _exchange(count=COUNT, selected=None, *, diagonal=False, order=None):
    groups = grouped(count, np.arange(len(count)) if order is None else order)
    return exchange(groups, count, selected, count, diagonal=diagonal)


def _many(classes=30):
    """Class k is taken for the one after it k times, and recognized the oftener the smaller k is."""
    count = np.diag(100 * (classes - np.arange(classes)))
    at = np.arange(classes)
    count[at, (at + 1) % classes] = at
    return count


def _middle(share):
    return 2 * np.pi * share.mean()


@pytest.fixture
def table():
    return replace(a_table(LABEL, PREDICTED), class_names=NAMES)


def test_the_toy_table_is_the_toy_count(table):
    np.testing.assert_array_equal(table.confusion(), COUNT)


def test_an_arc_is_as_long_as_what_its_class_sent_or_received():
    layout = laid_out(_exchange().shown)
    # 4 errors have two ends each, so an image is an eighth of what three gaps leave
    image = (1 - 3 * GAP) / 8
    length = layout.arcs[..., 1] - layout.arcs[..., 0]
    np.testing.assert_allclose(length, image * np.array([[3, 1], [1, 2], [0, 1]]))
    np.testing.assert_allclose(layout.arcs[:, 0, 1], layout.arcs[:, 1, 0])  # received begins where sent ends
    assert (layout.arcs[1:, 0, 0] - layout.arcs[:-1, 1, 1]) == pytest.approx(GAP)


def test_a_ribbon_is_as_wide_at_both_ends_as_its_count():
    layout = laid_out(_exchange().shown)
    assert layout.pair.tolist() == [[0, 1], [0, 2], [1, 0]]  # the widest first
    image = (1 - 3 * GAP) / 8
    for ends in (layout.sent, layout.received):
        np.testing.assert_allclose(ends[:, 1] - ends[:, 0], image * np.array([2, 1, 1]))


def test_the_ribbons_of_an_arc_fill_it_without_overlap():
    rng = np.random.default_rng(0)
    width = rng.integers(0, 5, (9, 9))
    layout = laid_out(width)
    for side, ends in ((0, layout.sent), (1, layout.received)):
        for group in range(9):
            of = ends[layout.pair[:, side] == group]
            of = of[np.argsort(of[:, 0])]
            np.testing.assert_allclose(of[1:, 0], of[:-1, 1])
            np.testing.assert_allclose(of[[0, -1], [0, 1]], layout.arcs[group, side])


def test_ribbons_leave_towards_where_they_go_so_that_none_of_a_class_cross():
    layout = laid_out(np.ones((6, 6)) - np.eye(6))
    from_first = layout.pair[:, 0] == 0
    order = layout.pair[from_first, 1][np.argsort(layout.sent[from_first, 0])]
    assert order.tolist() == [5, 4, 3, 2, 1]  # the class before it first, the class after it last


def test_what_is_recognized_lies_where_the_two_arcs_meet():
    layout = laid_out(_exchange(diagonal=True).shown)
    own = layout.pair.tolist().index([0, 0])
    assert layout.sent[own, 1] == pytest.approx(layout.received[own, 0])


def test_rates_are_shares_of_the_true_classs_images():
    np.testing.assert_allclose(_exchange().rates, [[0, 2 / 7, 1 / 7], [1 / 4, 0, 0], [0, 0, 0]])
    assert _exchange(np.zeros((3, 3), np.int64)).rates.sum() == 0


def test_a_ribbon_begins_at_its_sent_arc_and_ends_in_an_arrow():
    layout = laid_out(_exchange().shown)
    corners = outlines(layout)
    radius = np.hypot(corners[..., 0], corners[..., 1])
    np.testing.assert_allclose(radius[:, 0], RIM)
    assert radius.max() <= RIM + 1e-9
    begins = corners[0, 0] / RIM
    start = 2 * np.pi * layout.sent[0, 0]
    np.testing.assert_allclose(begins, [np.sin(start), np.cos(start)])


@pytest.mark.parametrize("classes", [2, 10, 21])
def test_every_ribbon_is_hit_at_its_sent_end(classes):
    rng = np.random.default_rng(1)
    layout = laid_out(rng.integers(1, 9, (classes, classes)) * ~np.eye(classes, dtype=bool))
    corners = outlines(layout)
    for ribbon in range(len(layout.pair)):
        angle = _middle(layout.sent[ribbon])
        assert ribbon_at(0.8999 * np.sin(angle), 0.8999 * np.cos(angle), corners) == ribbon


def test_of_two_ribbons_at_a_point_the_narrow_one_on_top_is_hit():
    layout = laid_out(np.array([[0, 0, 9, 0], [0, 0, 0, 1], [9, 0, 0, 0], [0, 1, 0, 0]]))
    crossing = ribbon_at(0.0, 0.0, outlines(layout))
    inside = {tuple(pair) for pair in layout.pair[[crossing]].tolist()}
    assert inside <= {(1, 3), (3, 1)}


def test_beside_every_ribbon_nothing_is_hit():
    corners = outlines(laid_out(np.array([[0, 1], [0, 0]])))
    assert ribbon_at(1.3, 0.0, corners) is None
    assert ribbon_at(0.0, 0.0, outlines(laid_out(np.zeros((3, 3))))) is None


def test_a_point_on_the_ring_is_in_the_arc_under_it():
    layout = laid_out(_exchange().shown)
    radius = (INNER + OUTER) / 2
    for group, side in ((0, 0), (0, 1), (1, 0), (1, 1), (2, 1)):
        angle = _middle(layout.arcs[group, side])
        assert arc_at(radius * np.sin(angle), radius * np.cos(angle), layout) == (group, side == 0)
    assert arc_at(0.0, radius, layout) is None  # in the gap at the top
    assert arc_at(0.0, 0.5, layout) is None


def test_a_ribbon_is_a_cell_and_an_arc_a_row_or_a_column_of_what_is_shown():
    shown = _exchange()
    assert cells_of(shown, COUNT, 0, 1) == [(0, 1)]
    assert cells_of(shown, COUNT, 0, None) == [(0, 1), (0, 2)]
    assert cells_of(shown, COUNT, None, 0) == [(1, 0), (2, 0)]
    everything = _exchange(diagonal=True)
    assert cells_of(everything, COUNT, 0, None) == [(0, 0), (0, 1), (0, 2)]
    assert cells_of(everything, COUNT, None, 0) == [(0, 0), (1, 0), (2, 0)]


def test_cells_without_the_diagonal_say_that_they_are_errors(table):
    assert Cells(((0, 1), (0, 2))).sentence(table, 3) == "3 a taken for another class"
    assert Cells(((0, 1), (2, 1))).sentence(table, 2) == "2 images mistaken for b"
    assert Cells(((0, 0), (0, 1), (0, 2))).sentence(table, 7) == "7 images whose true class is a"
    assert Cells(((0, 1), (1, 1), (2, 1))).sentence(table, 5) == "5 images predicted as b"


def test_errors_within_the_rest_are_counted_beside_it_and_drawn_with_the_diagonal():
    count = _many()
    shown = _exchange(count)
    # 1 is taken for 2, ..., 9 for 10: 45 errors stay within; 10 for 11 and 0 for 1 leave and enter
    assert shown.undrawn == 45
    assert shown.shown[20].sum() == 10
    assert shown.shown.sum() + shown.undrawn == count.sum() - count.trace()
    everything = _exchange(count, diagonal=True)
    assert everything.undrawn == 0
    assert everything.shown.sum() == count.sum()


def test_of_the_rest_only_the_cells_that_hold_images_are_named():
    count = _many()
    shown = _exchange(count)
    assert cells_of(shown, count, 20, None) == [(10, 11)]
    assert cells_of(shown, count, None, 20) == []  # class 0 is taken for 1 zero times
    single = cells_of(shown, count, 0, None)
    assert len(single) == 29  # a row of a single class is whole, and means the same in every run


def test_a_ribbon_that_was_chosen_leaves_the_others_their_room(table):
    steps = (Step(Mode.REPLACE, Cells(((0, 1),))),)
    shared, selected = cell_counts(table, steps, fold(steps, table))
    np.testing.assert_array_equal(shared, COUNT)
    assert selected is not None
    assert selected.sum() == selected[0, 1] == 2


def test_what_is_selected_elsewhere_is_what_the_circle_is_shared_among(table):
    lasso = Step(Mode.REPLACE, Samples((0, 4, 6)))  # one of each kind of a
    shared, selected = cell_counts(table, (lasso,), fold((lasso,), table))
    assert selected is None
    assert shared.tolist() == [[1, 1, 1], [0, 0, 0], [0, 0, 0]]
    both = (lasso, Step(Mode.ADD, Cells(((1, 0),))))
    shared, selected = cell_counts(table, both, fold(both, table))
    assert selected is not None
    assert shared[1, 0] == selected[1, 0] == 1  # it is outside the lasso, and shown, for it is selected


def test_what_gestures_took_out_has_a_frame():
    groups = grouped(COUNT, np.array([2, 1, 0]))
    steps = (
        Step(Mode.REPLACE, Cells(((0, 1), (0, 2)))),
        Step(Mode.SUBTRACT, Cells(((0, 1), (2, 0)))),
        Step(Mode.ADD, Cells(((7, 0),))),
    )
    taken = outlined_cells(groups, steps)
    assert taken == {(2, 1): True, (2, 0): False, (0, 2): True}  # class 7 is none of theirs
    assert outlined_cells(groups, (*steps, Step(Mode.ADD, Cells(((0, 1),)))))[2, 1] is False
    layout = laid_out(_exchange(order=np.array([2, 1, 0])).shown)
    frames = plot.frames(taken, layout, outlines(layout))
    assert len(frames.xs) == 1  # nothing of c is taken for a


def test_a_ribbon_has_the_color_of_the_predicted_class_and_pales_where_it_is_not_selected():
    selected = np.zeros((3, 3), np.int64)
    selected[0, 1] = 2
    shown = _exchange(selected=selected)
    layout = laid_out(shown.shown)
    ribbons = plot.fill_ribbons(shown, layout, outlines(layout), NAMES, LIGHT, everything=True)
    assert ribbons.color == [class_color(1), class_color(2), class_color(0)]
    assert ribbons.alpha[0] > 5 * ribbons.alpha[1] == 5 * ribbons.alpha[2]
    arcs = plot.fill_arcs(shown, layout, NAMES, LIGHT)
    assert arcs.head[0] == "3 a taken for another class"
    assert [alpha == 1 for alpha in arcs.alpha] == [True, False, False, True, False]  # a sent, b received


def test_ribbons_and_arcs_say_counts_and_what_their_shares_are_of():
    shown = _exchange()
    heads, numbers = ribbon_words(shown, NAMES, np.array([[0, 1]]), everything=True)
    assert heads == ["2 a taken for b"]
    assert numbers == ["29 % of 7 a"]
    assert arc_words(shown, NAMES, 0, sent=True) == ("3 a taken for another class", "43 % of 7 a")
    assert arc_words(shown, NAMES, 0, sent=False) == (
        "1 of another class taken for a",
        "20 % of 5 predicted as a",
    )
    some = _exchange(COUNT // 2)._replace(total=COUNT)
    assert ribbon_words(some, NAMES, np.array([[0, 1]]), everything=False)[1] == [
        "33 % of 3 a selected · 2 of all images"
    ]
    within = _exchange(selected=COUNT // 2, diagonal=True)
    heads, numbers = ribbon_words(within, NAMES, np.array([[2, 2]]), everything=True)
    assert (heads, numbers) == (["5 c recognized"], ["100 % of 5 c · 2 selected"])


def test_of_many_classes_it_says_which_are_there_and_what_is_not_drawn():
    names = [f"k{k}" for k in range(30)]
    shown = _exchange(_many())
    assert shown.groups.names(names)[-2:] == ("k29", "10 others")
    assert legend(shown, names)[0][0] == (
        "The 20 most confused of 30 classes. 45 errors among the others are not drawn."
    )
    assert legend(_exchange(), NAMES) == []
    heads, _ = ribbon_words(shown, names, np.array([[20, 1], [0, 20]]), everything=True)
    assert heads == [
        "10 of the other 10 classes taken for k11",
        "0 k0 taken for one of the other 10",
    ]
    assert arc_words(shown, names, 20, sent=True)[0] == (
        "10 of the other 10 classes taken for one of the 20 shown"
    )


@pytest.mark.parametrize(
    ("count", "said"),
    [
        ([[5]], "One class: no errors to show: choose “all” for the diagonal"),
        ([[5, 0], [0, 3]], "No errors to show: choose “all” for the diagonal"),
        ([[0, 0], [0, 0]], "No images to show"),
    ],
)
def test_a_circle_without_ribbons_says_why(count, said):
    shown = _exchange(np.array(count))
    layout = laid_out(shown.shown)
    assert empty_words(shown) == said
    assert plot.fill_names(shown, layout, NAMES[: len(count)]).text == [said]
    assert len(outlines(layout)) == 0


def test_one_class_with_the_diagonal_is_one_ribbon():
    layout = laid_out(_exchange(np.array([[5]]), diagonal=True).shown)
    np.testing.assert_allclose(layout.arcs, [[[0, 0.5], [0.5, 1]]])
    assert ribbon_at(0.0, 0.0, outlines(layout)) == 0


def test_names_never_touch_with_43_and_345_classes():
    rng = np.random.default_rng(2)
    for classes in (43, 345):
        shown = _exchange(rng.integers(0, 4, (classes, classes)))
        placed = plot.fill_names(shown, laid_out(shown.shown), tuple(f"class {k}" for k in range(classes)))
        assert len(placed.text) <= 21
        for align in ("left", "right"):
            heights = sorted(y for y, side in zip(placed.y, placed.align, strict=True) if side == align)
            assert np.diff(heights).min(initial=1) > 0.169
