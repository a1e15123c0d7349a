"""Changes by covering, in words: two units and three logits at four places."""

import numpy as np
import pytest

from dashboards.data.units import LayerUnits
from dashboards.kit.elements import Box, Button, Element, walk, words
from dashboards.kit.pictures import Heat
from dashboards.views.network.occlusion import CLASSES, maps, sentence
from deepvid.engine.requests import Occluded

NAMES = ("cat", "dog", "cow")


def units(place: tuple[int, ...] = (1,), index: tuple[int, ...] = (7,)) -> LayerUnits:
    nothing = np.zeros((0, len(index)), "f4")
    return LayerUnits(
        "conv",
        1,
        np.array(place),
        np.array(index),
        np.zeros(len(index), "f4"),
        None,
        None,
        np.zeros(0, "i4"),
        nothing,
        nothing,
        nothing.astype("u2"),
    )


def found(unit: list[float] | None = None) -> Occluded:
    """Positive is what covering takes; the unit of the layer is the second of the stage."""
    one = np.array(unit or [0.5, 0, -1, 0.25], "f4").reshape(2, 2)
    logit = np.array([[0, 0.1, 0, 0], [-0.2, 0, 0, 0], [0, 0, 0, 2]], "f4").reshape(3, 2, 2)
    return Occluded(
        9,
        4,
        (0, 2),
        (0, 2),
        (("stem", 3), ("conv", 7)),
        np.stack([one * 0 + 0.3, one]),
        logit,
        np.array([3.0] * 3),
    )


def tiles(card: Element) -> list[Box]:
    return [each for each in walk(card) if isinstance(each, Box) and "name" in each.data]


def heats(card: Element) -> list[Heat]:
    return [each for each in walk(card) if isinstance(each, Heat)]


def drawn() -> Element:
    return maps(found(), units(), 0, np.zeros((6, 6, 1), "u1"), NAMES, 0, 1)


def test_b_f3_the_unit_comes_first_then_both_classes_in_question_on_one_scale() -> None:
    shown = tiles(drawn())
    assert [tile.data["name"] for tile in shown] == ["unit 7", "cat", "dog", "cow"]
    assert [tile.data["value"] for tile in shown] == ["+1.00", "−.10", "+.20", "−2.00"]
    assert ["asked" in tile.look for tile in shown] == [False, True, True, False]
    assert {heat.end for heat in heats(drawn())} == {2.0}  # of the unit and all classes, never of their mean
    assert "−2.00 sd (−6.00 nats), where rows 3–6, columns 3–6 are covered" in shown[3].hint
    values = [np.frombuffer(heat.values, "<f4").reshape(2, 2) for heat in heats(drawn())]
    np.testing.assert_array_equal(values[0], found().unit[1])
    np.testing.assert_array_equal(values[1:], found().logit)


def test_the_strongest_units_of_all_layers_are_offered() -> None:
    buttons = [each for each in walk(drawn()) if isinstance(each, Button)]
    assert [(one.value, words(one).split()[-1], one.pressed) for one in buttons] == [
        ({"layer": "conv", "unit": 7}, "+1.00", True),
        ({"layer": "stem", "unit": 3}, "−.30", False),
    ]


def test_of_many_classes_the_answer_and_those_that_change_most_are_shown() -> None:
    many = found()._replace(logit=np.arange(345, dtype="f4")[:, None, None] * np.ones((1, 2, 2), "f4"))
    many = many._replace(deviation=np.ones(345, "f4"))
    names = tuple(f"class {number}" for number in range(345))
    card = maps(many, units(), 0, np.zeros((6, 6, 1), "u1"), names, 5, None)
    assert [tile.data["name"] for tile in tiles(card)][1:4] == ["class 5", "class 344", "class 343"]
    assert len(tiles(card)) == CLASSES + 1
    assert f"{CLASSES} of 345 classes" in words(card)


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        ([0.5, 0, -1, 0.25], "Unit 7 of conv rises most, +1.00 sd, where rows 3–6, columns 1–4 are covered"),
        ([0.5, 0, 0, 0], "Unit 7 of conv falls most, −.50 sd, where rows 1–4, columns 1–4 are covered"),
        ([0.01, 0, 0, 0], "Unit 7 of conv hardly changes, wherever the image is covered"),
    ],
)
def test_where_it_changes_most_is_a_sentence(unit: list[float], words: str) -> None:
    assert sentence(found(unit), units(), 0) == words
