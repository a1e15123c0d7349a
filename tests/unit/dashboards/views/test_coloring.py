"""Which rows share a color, where names stand, and what a click on the matrix means."""

from dataclasses import replace

import numpy as np
from tables import a_table

from dashboards.data import captions
from dashboards.data.maps import Map, Measure
from dashboards.data.trust import Trust
from dashboards.kernels.shading import MOST_GROUPS, Viewport
from dashboards.session.gestures import Cells, Polygon, Samples, Trusted
from dashboards.session.selection import Mode, Step, confusion_sentence, selection_sentence, tally
from dashboards.theme import class_color
from dashboards.views.map.coloring import Label, coloring, labels
from dashboards.views.map.placement import spread_labels
from dashboards.views.map.scales import trust_scale
from dashboards.views.map.words import below


def test_few_classes_have_a_group_each_in_their_own_color():
    group, groups = coloring(a_table([0, 2, 1]), "label")
    assert group.tolist() == [1, 3, 2]  # 0 is what is not selected
    assert [one.color for one in groups[1:]] == [class_color(k) for k in range(3)]


def test_by_prediction_the_unknown_stays_behind():
    assert coloring(a_table([0, 0, 0], [2, -1, 0]), "predicted").group.tolist() == [3, 0, 1]


def test_without_a_teacher_every_color_is_the_true_class():
    table = a_table([0, 1])
    for color in ("predicted", "error"):
        assert coloring(table, color).group.tolist() == [1, 2]


def test_errors_lie_on_top_of_the_many_that_are_right():
    group, groups = coloring(a_table([0, 1, 2], [0, 1, 0]), "error")
    assert group.tolist() == [1, 1, 2]
    assert groups[2].weight > 500 * groups[1].weight


def test_of_hundreds_of_classes_those_with_errors_are_colored_and_none_shares_a_color():
    label = np.repeat(np.arange(345), 4)
    predicted = label.copy()
    predicted[label == 7] = 8  # classes 7 and 300 are in question
    predicted[label == 300] = 8
    group, groups = coloring(a_table(label, predicted.tolist(), 345), "label")
    assert len(groups) == MOST_GROUPS
    colors = [one.color for one in groups[1:]]
    assert len(set(colors)) == len(colors)
    assert {"c7", "c300", "other classes"} <= {one.name for one in groups}
    assert group.max() == MOST_GROUPS - 1


TRUST = Trust(
    np.int32([0, 2]),
    np.uint8([3, 1]),
    np.float32([0.2, -0.1]),
    np.float32([0.9, 0.8]),
    np.uint8([3, 0, 1]),
    3,
)


def test_trust_has_a_color_each_and_without_students_colors_are_classes():
    judged = replace(a_table([0, 1, 2], [1, 1, 1]), trust=TRUST)
    group, groups = coloring(judged, "trust")
    assert [groups[k].name for k in group] == ["explained", "no student", "cannot tell"]
    assert groups[2].weight > 500 * groups[1].weight  # few lie among many
    assert not labels(judged, Map("m", np.zeros(3), np.zeros(3), {}, {}), "trust")
    assert coloring(a_table([0, 2, 1]), "trust").group.tolist() == [1, 3, 2]


def test_below_a_map_of_trust_is_what_the_selection_holds():
    judged = replace(a_table([0, 1, 2], [1, 1, 1]), trust=TRUST)
    shown = trust_scale(judged, np.array([True, True, False]), (Step(Mode.REPLACE, Trusted((0.15, 0.2))),))
    assert shown is not None
    assert [(chip.name, chip.images) for chip in shown.chips] == [
        ("explained", 1), ("weak", 0), ("cannot tell", 0), ("no student", 1),
    ]  # fmt: skip
    assert [(bar.all, bar.selected, bar.chosen) for bar in shown.bins if any(bar.all)] == [
        ([0, 0, 1, 0], [0, 0, 0, 0], False), ([1, 0, 0, 0], [1, 0, 0, 0], True),
    ]  # fmt: skip
    assert shown.bins[5].hint == "1 error 15–20 points beyond guessing"
    assert trust_scale(a_table([0, 1]), None, ()) is None


def test_names_stand_at_the_median_of_their_rows():
    chosen = Map("m", np.float32([0, 1, 9, np.nan]), np.float32([0, 0, 3, np.nan]), {}, {})
    placed = labels(a_table([0, 0, 0, 1]), chosen, "label")  # the row of c1 has no position
    assert [(label.text, label.x, label.y) for label in placed] == [("c0", 1.0, 0.0)]
    assert captions.quality_phrases(chosen) == []


VIEW = Viewport(0, 0, 100, 100, 100, 100)


def test_names_that_would_overlap_move_apart_and_those_outside_are_dropped():
    first, second, outside = (Label(50, y, "name", "#000000") for y in (50, 52, 150))
    placed = spread_labels([first, second, outside], VIEW)
    assert placed[0] == first
    assert [label.y for label in placed[1:]] == [72]  # one line up


def test_the_sentence_says_what_is_selected():
    table = a_table([0, 0, 1], [0, 1, 1])
    counted = tally(table, np.array([False, True, False]))
    assert counted == (1, 1)

    def sentence(gesture, mode=Mode.REPLACE):
        return selection_sentence(table, (Step(mode, gesture),), counted)

    assert selection_sentence(table, (), tally(table, None)) == "3 images, 1 misclassified"
    assert confusion_sentence(table, (), counted) == "1 misclassified"
    assert confusion_sentence(table, (Step(Mode.REPLACE, Cells(((0, 1),))),), counted) == "1 c0 taken for c1"
    assert sentence(Cells(((0, 1),))) == "1 c0 taken for c1"
    assert sentence(Cells(((0, 0),))) == "1 c0 recognized"
    assert sentence(Cells(((0, 0), (0, 1), (0, 2)))) == "1 image whose true class is c0"
    assert sentence(Cells(((0, 1), (1, 1), (2, 1)))) == "1 image predicted as c1"
    assert sentence(Cells(((0, 1), (7, 9)))) == "1 image in cells of other classes"
    assert sentence(Polygon("tsne", (), ())) == "1 image in the lasso, 1 misclassified"
    assert sentence(Samples((1,)), Mode.ADD) == "1 image selected, 1 misclassified"
    assert sentence(Cells(((0, 0),)), Mode.SUBTRACT) == "1 image selected, 1 misclassified"
    assert captions.verdict(table, 1) == "c0 taken for c1"
    assert captions.verdict(table, 0) == "c0"


def test_quality_is_said_with_its_chance():
    chosen = Map("m", np.zeros(1), np.zeros(1), {"neighborhood_hit": Measure(0.82, 0.81, 0.83, 0.1)}, {})
    assert captions.quality_phrases(chosen) == ["neighborhood hit 0.82 [0.81–0.83] (chance 0.10)"]
    kept = replace(chosen, quality={"knn_preservation": Measure(0.46, 0.44, 0.48, 0.01)})
    assert below(a_table([0]), kept, "label")["notes"][0][0] == "m · keeps 46 % of neighbors"
