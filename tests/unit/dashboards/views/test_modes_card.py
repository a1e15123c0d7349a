"""Kinds of mistakes as cards: those first that are confirmed, with their images and evidence."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from diagnosed import causes_group, modes_group
from tables import a_table

from dashboards.data.causes import Causes
from dashboards.data.modes import Modes
from dashboards.data.population import FactsKey, Population
from dashboards.data.query import evaluated
from dashboards.kit.elements import Box, Button, Element, walk, words
from dashboards.kit.pictures import Heat
from dashboards.views.modes.cards import kinds
from deepvid.reasons import StoredCauses

ERRORS = [0, 1, 2, 3]


def with_modes(*modes: dict[str, Any]) -> Population:
    """Rows 0 to 5, the first four of them errors of modes 0, 0, 1 and none."""
    table = a_table([0] * 6, [1, 1, 1, 1, 0, 0])
    found = modes_group(ERRORS, [0, 0, 1, -1], modes)
    causes = StoredCauses(causes_group(ERRORS, [{}] * 4))
    return replace(
        table,
        causes=Causes(causes, table.row_of_sample, table.rows),
        modes=Modes(found, table.row_of_sample, table.rows),
        facts=FactsKey(),
    )


def sections(card: Element) -> list[Box]:
    return [each for each in walk(card) if isinstance(each, Box) and each.tag == "section"]


def offered(card: Element, act: str) -> list[Button]:
    return [each for each in walk(card) if isinstance(each, Button) and each.act == act]


def paragraphs(card: Element) -> list[str]:
    return [words(each) for each in walk(card) if isinstance(each, Box) and each.tag == "p"]


def evidence(section: Element) -> list[Heat]:
    return [each for each in walk(section) if isinstance(each, Heat)]


def test_the_confirmed_are_first_and_each_query_means_its_own_errors() -> None:
    table = with_modes({"confirmed": False, "name": "of many classes"}, {"central": [2]})
    card = kinds(table, 'mode == "2 · taken for c1"')
    assert words(card).startswith("2 kinds of mistakes1 confirmed on images that they were not found on")
    first, second = sections(card)
    assert (first.label, second.label) == ("Taken for c1", "Of many classes")
    assert ["quiet" in each.look for each in (first, second)] == [False, True]
    mine, others = offered(card, "select")
    assert (mine.pressed, others.pressed) == (True, False)
    assert np.flatnonzero(evaluated(mine.value["query"], table)).tolist() == [2]
    assert np.flatnonzero(evaluated(others.value["query"], table)).tolist() == [0, 1]
    assert paragraphs(first) == [
        "Darker (+1.8 sd).",
        "Confirmed: of images of the other half that are taken for c1, 40 % [30, 50] are wrong; of all 10 %, "
        "by rules of chance 20 %.",
        "Look at these labels.",
    ]
    assert any(told.startswith("Not confirmed: ") for told in paragraphs(second))
    assert [(image.value, image.hint) for image in offered(first, "study")] == [(2, "#2 c0 taken for c1")]


@pytest.mark.parametrize("central", [[-1, 3, 6, 10**12], [3]])
def test_an_image_that_the_table_does_not_have_is_not_shown(central: list[int]) -> None:
    first, _ = sections(kinds(with_modes({"central": central}, {}), ""))
    assert [image.value for image in offered(first, "study")] == [3]


def test_evidence_is_in_parts_of_the_strongest_place_and_of_the_places_that_causes_have() -> None:
    places = [0.0] * 49
    places[3], places[10] = -2.0, 1.0
    first, other = sections(kinds(with_modes({"places": places}, {"places": [1.0]}), ""))
    (heat,) = evidence(first)
    assert (heat.grid, heat.end) == ((7, 7), 2.0)
    np.testing.assert_array_equal(np.frombuffer(heat.values, "<f4"), places)
    assert evidence(other) == []


@pytest.mark.parametrize("nowhere", [[], [0.0] * 49, [float("nan")] * 49, [float("inf")] * 49])
def test_evidence_of_nowhere_is_none(nowhere: list[float]) -> None:
    assert evidence(kinds(with_modes({"places": nowhere}, {"places": nowhere}), "")) == []


def test_where_there_are_too_few_errors_that_is_said() -> None:
    card = kinds(with_modes(), "")
    assert words(card) == "Kinds of mistakesToo few errors for kinds of mistakes."
    assert sections(card) == []
