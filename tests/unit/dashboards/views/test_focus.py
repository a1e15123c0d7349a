"""The image card: the likeliest classes, and whether the explanation can be believed."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tables import a_table

from dashboards.data.explanations import Explanation
from dashboards.data.image_maps import Explained, Method
from dashboards.data.predictions import softmax
from dashboards.data.students import Student
from dashboards.kit.elements import text
from dashboards.views.focus import headline
from dashboards.views.focus.card import bars, sides
from dashboards.views.focus.maps import choose_maps, overlay
from dashboards.views.focus.marking import Marked, flag, said_of
from dashboards.views.focus.table import Agreement, judgment
from deepvid.engine.requests import Edited
from deepvid.store import Mark
from deepvid.trust import MapEvidence, MapVerdict

NAMES = ("shirt", "coat")


def student(**changed: Any) -> Student:
    """A student that is explained, unless something is changed."""
    of_fit = {"agreement": 0.9, "agreement_low": 0.83, "agreement_high": 0.95, "floor": 0.6, "kl": 0.02}
    values = {"smoothness": np.array([0.0, 10.0]), "agrees_on_sample": np.array([True, True])}
    values |= {name: np.array([0.0, value]) for name, value in of_fit.items()}  # the plain fit is not asked
    values |= {"gate": True, "stability": 0.9, "widening": 1.0, "commonest": 0.6, "commonest_class": 1}
    return Student({"band": 0.6}, "k", {**values, **changed})


def explanation(lost: float) -> Explanation:
    maps = np.zeros((1, 1, 2), np.float32)
    evidence = MapEvidence(*np.array([[lost], [0.5], [np.nan], [np.nan]]))
    return Explanation("e", ("student",), ("Student",), lambda: maps, evidence, (0, 1))


def test_what_meets_every_criterion_is_explained() -> None:
    said = judgment(student(), explanation(2.0), NAMES)
    assert said.verdict == "explained"
    assert said.agreement == Agreement(value=0.9, low=0.83, high=0.95, floor=0.6)
    assert judgment(student(), None, NAMES).reasons == (
        "How much its strongest pixels matter to the teacher was not measured.",
    )


def test_what_names_pixels_no_better_than_chance_is_weak() -> None:
    said = judgment(student(), explanation(0.4), NAMES)
    assert said.verdict == "weak"
    assert said.reasons == (
        "Its strongest pixels matter to the teacher no more than those of the same map laid elsewhere.",
    )


def low(**changed: Any) -> Student:
    return student(agreement_low=np.array([0.0, 0.5]), **changed)


def test_what_cannot_be_told_is_told_of_its_neighbors() -> None:
    said = judgment(low(widening=4.0, commonest=0.87), None, NAMES)
    assert said.verdict == "cannot tell"
    assert said.reasons[0] == "Even 2.4 sd away 87 % of the neighbors are a coat."
    every = judgment(low(widening=4.0, commonest=1.0), None, NAMES)
    assert every.reasons[0] == "Even 2.4 sd away every neighbor is a coat."


def test_a_band_that_was_widened_is_said_after_what_speaks_for_the_explanation() -> None:
    assert judgment(student(widening=2.0), explanation(2.0), NAMES).reasons == (
        "Its strongest pixels matter to the teacher, and other neighbors give the same picture.",
        "Nearer neighbors nearly all had one label: the band was widened to 1.2 sd.",
    )


def test_a_weak_one_is_not_praised() -> None:
    assert judgment(student(widening=2.0), explanation(0.4), NAMES).reasons == (
        "Its strongest pixels matter to the teacher no more than those of the same map laid elsewhere.",
        "Nearer neighbors nearly all had one label: the band was widened to 1.2 sd.",
    )


def test_an_old_student_is_judged_by_what_is_known() -> None:
    old = student()
    known = {
        name: old.values[name] for name in old.values if name not in ("stability", "widening", "commonest")
    }
    assert judgment(Student({}, "k", known), None, NAMES).verdict == "explained"
    assert len(judgment(low(commonest=None), None, NAMES).reasons) == 1


def test_the_head_says_what_the_image_is_taken_for_and_what_an_edit_was() -> None:
    assert title(table([1]), 0, None) == "labeled shirt, taken for coat .73"
    assert title(table([0]), 0, None) == "shirt, and taken for one .73"
    edit = Edited(7, np.zeros((1, 1, 1), np.uint8), np.array([2.0, 0.0]))
    assert title(table([1]), 0, edit) == "shirt .88, was coat .73"


def test_a_label_and_a_name_with_a_hyphen_stay_in_one_line() -> None:
    population = table([1])
    population.samples, population.class_names = [7], ("ankle boot", "T-shirt")
    _, _, *words = headline.heading(population, 0, None).children
    label, taken = (text(whole, look="whole") for whole in ("labeled ankle boot,", "T-shirt"))
    assert words == ["", label, " taken for ", taken, " .73"]


def table(predicted: list[int]) -> Any:
    """One shirt, by what it is predicted to be."""
    said = SimpleNamespace(predicted=np.array(predicted), confidence=np.array([0.731]))
    return SimpleNamespace(
        predictions=said, label=np.array([0]), labeled=True, link=softmax, class_names=NAMES
    )


def title(population: Any, row: int, edited: Edited | None) -> str:
    return headline._title(population, row, NAMES, edited)


def test_the_chosen_map_is_the_best_of_the_image_and_the_best_of_a_family_stands_for_it() -> None:
    maps = [
        Method(name, name, np.full((4, 4), value), value, 0.5, 0.0, verdict=MapVerdict.HOLDS, worth=value)
        for name, value in (("student", 1.0), ("neighborhood_gradient", 2.0), ("occlusion", 1.5))
    ]
    found = Explained((0, 1), None, tuple(maps), None)
    first = choose_maps(found, None, "", (), raw=True, over=False)
    assert [each.name for each in first.shown] == ["neighborhood_gradient", "occlusion"]
    assert first.chosen.name == "neighborhood_gradient"
    asked = choose_maps(found, None, "student", (), raw=True, over=False)
    assert asked.chosen.name == "student"
    assert "student" in [each.name for each in asked.shown]


def test_an_overlay_ends_where_its_map_does() -> None:
    assert np.frombuffer(overlay(np.array([[2.0, -4.0, 0.0]])), np.int8).tolist() == [64, -127, 0]


@pytest.mark.parametrize(("true", "other"), [(0, "a"), (1, "a"), (2, "c")])
def test_a_map_is_for_the_predicted_class_and_against_the_true_one_or_the_runner_up(
    true: int, other: str
) -> None:
    assert sides(np.array([1.0, 3.0, 0.5]), true, ["a", "b", "c"]) == ("b", other)


def test_bars_mark_true_and_predicted() -> None:
    first, second = bars(np.log(np.array([0.25, 0.75])), 0, NAMES)
    assert (first.predicted, first.true, second.true) == (True, False, True)
    assert first.probability == pytest.approx(0.75)


def test_bars_of_many_classes_keep_the_true_one() -> None:
    shown = bars(np.arange(100.0), 5, [str(index) for index in range(100)])
    assert [bar.name for bar in shown] == ["99", "98", "97", "5"]


def test_a_label_that_is_right_is_said_and_raises_no_flag() -> None:
    table, right, wrong = a_table([0], [1]), Mark("", "seen", 0, right=True), Mark("", "seen", 2)
    assert [said_of(mark, table.class_names) for mark in (right, wrong, None)] == [
        "its label is right: seen",
        "should be c2: seen",
        "",
    ]
    flags = [flag(table, 0, Marked(marks, ""), "") for marks in ({}, {0: right}, {0: wrong})]
    assert [one.pressed for one in flags] == [False, False, True]
    assert flags[1].hint == "Marked, its label is right: seen. Mark as mislabelled (M)"
