"""Sentences and pictures of the filters of a layer."""

from typing import Any

import numpy as np
import pytest

from dashboards.views.filters.table import drawn, notes, sentence
from deepvid.engine.requests import FilterResponses

NAMES = ("Bag", "Coat", "Shirt")
LOGITS = np.array([0.0, 1.0, 3.0], "f4")  # Shirt, then Coat
CHANGE = np.array([[0, 0.5, -0.5], [0, -1.0, 1.0], [0, 0.0, -2.5], [1.0, 0.0, 0.0]], "f4")


def watched(**other: Any) -> FilterResponses:
    """Of four filters; a filter's map is its number in all cells, but for the first, whose is −1."""
    margin = CHANGE[:, 2] - CHANGE[:, 1]
    order = np.argsort(margin, kind="stable")
    cells = np.array([-1, 1, 2, 3], "f4")
    fields: dict[str, Any] = {
        "layers": (("stem", 4), ("last", 4)),
        "layer": "last",
        "images": 500,
        "patch": 4,
        "mean": np.array([0.1, 0.2, 0.3, 0.4], "f4"),
        "activation": np.array([1.5, 0.2, 0.0, -0.4], "f4"),
        "occlusion": np.broadcast_to(cells[:, None, None], (4, 2, 3)).copy(),
        "classes": (2, 1),
        "logits": LOGITS,
        "silenced": LOGITS + CHANGE,
        "order": order,
        "together": LOGITS + np.cumsum(CHANGE[order], axis=0),
    }
    return FilterResponses(**{**fields, **other})


@pytest.mark.parametrize(
    ("together", "said"),
    [
        ([1, 1, 2, 2], "Silencing filter 2 turns Shirt into Coat."),
        ([2, 0, 2, 2], "Silencing the 2 filters that speak most for Shirt (2 and 0) turns it into Bag."),
        # the third and fourth of the order speak against it, so that nothing is owed to them
        ([2, 2, 0, 0], "The answer stays Shirt without the 2 filters that speak for it."),
    ],
)
def test_the_decision_is_told(together: list[int], said: str) -> None:
    assert sentence(watched(together=np.eye(3)[together]), NAMES) == said


def test_many_filters_are_not_all_named_and_none_may_speak_for_the_answer() -> None:
    change = np.tile(np.array([0, 1.0, -0.1]), (9, 1))
    many = watched(silenced=LOGITS + change, order=np.arange(9)[::-1], together=np.eye(3)[[2] * 6 + [1] * 3])
    assert sentence(many, NAMES) == (
        "Silencing the 7 filters that speak most for Shirt (8, 7, 6, 5 and 3 others) turns it into Coat."
    )
    assert sentence(watched(silenced=LOGITS - CHANGE * 0), NAMES) == (
        "No filter of last speaks for Shirt against Coat."
    )


def test_those_that_change_the_answer_alone_are_counted() -> None:
    assert notes(watched())[0] == "Alone, 1 of its 4 filters changes the answer."
    assert notes(watched(silenced=np.tile(LOGITS, (4, 1))))[0] == "None of its 4 filters changes it alone."


@pytest.mark.parametrize(
    ("order", "numbers"),
    [
        ("strongest", [2, 1, 0, 3]),  # the margin changes by -1, 2, -2.5 and 0
        ("for", [2, 0, 3, 1]),
        ("against", [1, 3, 0, 2]),
        ("number", [0, 1, 2, 3]),
    ],
)
def test_filters_are_ordered_by_what_they_change_of_the_margin(order: str, numbers: list[int]) -> None:
    shown, maps = drawn(watched(), NAMES, order, 24, None)
    assert [one["number"] for one in shown["tiles"]] == numbers
    first = np.frombuffer(maps, np.int8).reshape(4, 2, 3)[:, 0, 0]
    assert first.tolist() == [{0: -42, 1: 42, 2: 85, 3: 127}[number] for number in numbers]  # in thirds


def test_some_are_shown_and_the_chosen_one_behind_them_in_full() -> None:
    shown, maps = drawn(watched(), NAMES, "strongest", 1, 0)
    assert ([one["number"] for one in shown["tiles"]], shown["left"], shown["more"]) == ([2], 3, 3)
    assert np.frombuffer(maps, np.int8).reshape(-1, 6)[:, 0].tolist() == [85, -42]
    (tile,), chosen = shown["tiles"], shown["chosen"]
    assert (tile["margin"], tile["change"]) == (-2.5, [-2.5, 0.0])
    assert tile["hint"] == (
        "Filter 2: activation .00, usually .30. Silenced: Shirt −2.50, Coat .00. The answer is then Coat"
    )
    assert chosen is not None
    assert [(one["name"], one["change"], one["asked"]) for one in chosen["classes"]] == [
        ("Shirt", -0.5, True),
        ("Coat", 0.5, True),
        ("Bag", 0.0, False),
    ]
    # softmax of (0, 1.5, 2.5) and of (0, 1, 3)
    assert chosen["text"] == (
        "Activation 1.50, usually .10. Silenced, the answer is still Shirt .69 (it was .84)."
    )


@pytest.mark.parametrize("number", [-1, 4, 10**12])
def test_a_filter_that_the_layer_does_not_have_is_not_chosen(number: int) -> None:
    shown, maps = drawn(watched(), NAMES, "number", 24, number)
    assert shown["chosen"] is None
    assert len(maps) == 4 * 6


def test_a_filter_that_sees_nothing_has_an_empty_map() -> None:
    _, maps = drawn(watched(occlusion=np.zeros((4, 2, 3), "f4")), NAMES, "number", 24, None)
    assert not any(maps)
