"""Sentences and pictures of the filters of a layer."""

from typing import Any

import numpy as np
import pytest

from dashboards.kit.elements import Box, Button, Choice, Close, Element, walk, words
from dashboards.kit.pictures import Heat
from dashboards.views.filters.table import Listing, filters, notes, sentence
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


def card(order: str, visible: int = 24, chosen: int | None = None, **other: Any) -> Element:
    image = np.zeros((4, 6, 1), "u1")
    return filters(watched(**other), 7, image, NAMES, Listing(order, visible), chosen)


def tiles(card: Element) -> list[Button]:
    return [each for each in walk(card) if isinstance(each, Button) and "tile" in each.look]


def maps(card: Element) -> list[Heat]:
    return [each for each in walk(card) if isinstance(each, Heat)]


def told(card: Element, look: str) -> list[str]:
    return [words(each) for each in walk(card) if look in each.look.split()]


def rows(card: Element) -> list[Box]:
    return [each for each in walk(card) if isinstance(each, Box) and each.tag == "tr"]


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
    shown = card(order)
    assert [one.data["number"] for one in tiles(shown)] == numbers
    assert [np.frombuffer(heat.values, "<f4")[0] for heat in maps(shown)] == [
        {0: -1, 1: 1, 2: 2, 3: 3}[number] for number in numbers
    ]
    assert {(heat.grid, heat.end) for heat in maps(shown)} == {((2, 3), 3.0)}  # one scale for all
    (_, orders) = (each for each in walk(shown) if isinstance(each, Choice))
    assert orders.chosen == order
    assert [text for _, text, _ in orders.options][1:3] == ["for Shirt first", "for Coat first"]


def test_some_are_shown_and_the_chosen_one_behind_them_in_full() -> None:
    shown = card("strongest", 1, 0)
    (tile,) = tiles(shown)
    assert (tile.data["number"], told(shown, "chip")) == (2, ["3 more of 3"])
    assert [np.frombuffer(heat.values, "<f4")[0] for heat in maps(shown)] == [2, -1]
    assert told(tile, "margin") == ["−2.50"]
    assert (
        tile.hint
        == tile.label
        == ("Filter 2: activation .00, usually .30. Silenced: Shirt −2.50, Coat .00. The answer is then Coat")
    )
    assert [(words(one), one.look) for one in rows(shown)] == [
        ("Shirt−.50", "asked"),
        ("Coat+.50", "asked"),
        ("Bag.00", ""),
    ]
    # softmax of (0, 1.5, 2.5) and of (0, 1, 3)
    assert told(shown, "text") == [
        "Activation 1.50, usually .10. Silenced, the answer is still Shirt .69 (it was .84)."
    ]


@pytest.mark.parametrize("number", [-1, 4, 10**12])
def test_a_filter_that_the_layer_does_not_have_is_not_chosen(number: int) -> None:
    shown = card("number", chosen=number)
    assert not [each for each in walk(shown) if isinstance(each, Close)]
    assert len(maps(shown)) == 4


def test_a_filter_that_sees_nothing_has_an_empty_map() -> None:
    for heat in maps(card("number", occlusion=np.zeros((4, 2, 3), "f4"))):
        assert not any(heat.values)
        assert heat.end == 1.0
