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
from dashboards.views.modes.table import mode_content
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


def test_the_confirmed_are_first_and_each_query_means_its_own_errors() -> None:
    table = with_modes({"confirmed": False, "name": "of many classes"}, {"central": [2]})
    card, tiles = mode_content(table, 'mode == "2 · taken for c1"')
    assert card["title"] == "2 kinds of mistakes"
    assert card["note"] == "1 confirmed on images that they were not found on"
    first, second = card["modes"]
    assert (first["name"], second["name"]) == ("Taken for c1", "Of many classes")
    assert (first["chosen"], second["chosen"]) == (True, False)
    assert np.flatnonzero(evaluated(first["query"], table)).tolist() == [2]
    assert np.flatnonzero(evaluated(second["query"], table)).tolist() == [0, 1]
    assert first["sentence"] == "Darker (+1.8 sd)."
    assert first["action"] == "Look at these labels."
    assert first["confirmation"] == (
        "Confirmed: of images of the other half that are taken for c1, 40 % [30, 50] are wrong; of all 10 %, "
        "by rules of chance 20 %."
    )
    assert second["confirmation"].startswith("Not confirmed: ")
    assert [(image["sample"], image["hint"]) for image in first["images"]] == [(2, "#2 c0 taken for c1")]
    assert len(tiles) == 1


@pytest.mark.parametrize("central", [[-1, 3, 6, 10**12], [3]])
def test_an_image_that_the_table_does_not_have_is_not_shown(central: list[int]) -> None:
    card, tiles = mode_content(with_modes({"central": central}, {}), "")
    assert [image["sample"] for image in card["modes"][0]["images"]] == [3]
    assert len(tiles) == 1


def test_evidence_is_in_parts_of_the_strongest_place_and_of_the_places_that_causes_have() -> None:
    places = [0.0] * 49
    places[3], places[10] = -2.0, 1.0
    (shown, other) = mode_content(with_modes({"places": places}, {"places": [1.0]}), "")[0]["modes"]
    assert shown["grid"] == [7, 7]
    assert [(at, value) for at, value in enumerate(shown["places"]) if value] == [(3, -127), (10, 64)]
    assert other["places"] == []


@pytest.mark.parametrize("nowhere", [[], [0.0] * 49, [float("nan")] * 49, [float("inf")] * 49])
def test_evidence_of_nowhere_is_none(nowhere: list[float]) -> None:
    assert mode_content(with_modes({"places": nowhere}, {}), "")[0]["modes"][0]["places"] == []


def test_where_there_are_too_few_errors_that_is_said() -> None:
    card, tiles = mode_content(with_modes(), "")
    assert (card["title"], card["modes"], tiles) == ("Kinds of mistakes", [], b"")
    assert card["waiting"] == "Too few errors for kinds of mistakes."
