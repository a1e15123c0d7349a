"""How units answer sets of images, which images a response means, and what a unit is said to do."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from looks import column, commit_layers, layers_group, unit_arrays

from dashboards.data.population import Population, population
from dashboards.data.units import Moments, difference
from dashboards.kit.elements import Button, Element, walk, words
from dashboards.kit.pictures import Cut
from dashboards.session.gestures import Cells, Response
from dashboards.session.selection import Mode, Step, Steps, fold
from dashboards.views.network.comparing import (
    KEPT,
    Compared,
    Own,
    compared,
    kept,
    offers,
    with_units,
)
from dashboards.views.network.unit.of_unit import OfUnit
from dashboards.views.network.unit.patches import strongest
from dashboards.views.network.unit.table import Effect, card, effects, responses
from dashboards.views.network.units import matrix, notes, ordered, title
from deepvid.errors import DataError
from deepvid.store import open_run, open_writer

# Six test images behind two training images; the fourth is a cat taken for a dog.
LABEL = [0, 1, 0, 0, 0, 0, 1, 1]
PREDICTED = [0, 1, 0, 0, 0, 1, 1, 1]
SEEN = {axis: {"size": 3, "stride": 2, "offset": -1} for axis in "yx"}
COLUMNS = (
    column("pixels", shape=[4, 4, 1], units=0),
    column("stem", shape=[2, 2, 3], units=3, receptive_field=SEEN),
    column("pool", shape=[3], units=0, parameters=0),
    column("logits", shape=[2], units=0),
)
RESPONSE = np.array(
    [[0, 0, 5], [1, 0, 5], [2, 0, 5], [6, 0, 5], [4, 1, 5], [5, 2, 5]]
)  # unit 2 never changes
PEAK = np.array([[0, 0, 0], [0, 0, 0], [0, 0, 0], [3, 0, 0], [1, 0, 0], [2, 0, 0]])
SILENCED = np.array([[[-1, 1], [2, -2]], [[0.5, 0], [0, 0.25]], [[0, 0], [np.nan, np.nan]]])
CAT_FOR_DOG = Cells(((0, 1),))


def table_of(store: Path, **arrays: Any) -> Population:
    images = np.arange(8 * 16, dtype="u1").reshape(8, 4, 4, 1)
    dataset = xr.Dataset(
        {
            "image": (("sample", "y", "x", "channel"), images),
            "label": ("sample", np.array(LABEL, "i4")),
            "test": ("sample", np.arange(8) >= 2),
        },
        attrs={"class_names": ["cat", "dog"], "source": "drawn", "checksums": {}},
    )
    teacher = xr.Dataset(
        {"logits": (("sample", "class"), np.eye(2, dtype="f4")[PREDICTED])},
        attrs={"class_names": ["cat", "dog"]},
    )
    with open_writer(store, "toy-0123abcd", config={"name": "toy"}, provenance={}) as writer:
        writer.commit_stage("dataset", "a" * 12, dataset)
        writer.commit_stage("teacher", "b" * 12, teacher)
    said = np.zeros((4, 6), int)
    silenced = {"silenced": {"images": 6, "of_class": [4, 2]}} if "silenced" in arrays else {}
    group = layers_group(said, np.arange(2, 8), columns=COLUMNS, **silenced).assign(arrays)
    commit_layers(store, "toy-0123abcd", group)
    found = population(open_run(store / "toy-0123abcd"))
    assert found is not None
    return found


@pytest.fixture
def table(tmp_path: Path) -> Population:
    driven = np.array([[0, 0, 0]] * 3)
    return table_of(tmp_path, **unit_arrays({1: RESPONSE}, 0.25, {1: PEAK}, SILENCED, driven))


def steps_of(*gestures: Cells | Response) -> Steps:
    return tuple(Step(Mode.REPLACE, gesture) for gesture in gestures)


def asked(**said: Any) -> Own:
    return Own(
        **({"column": "stem", "unit": None, "compare": "", "order": "difference", "patches": ""} | said)
    )


def looked(table: Population, steps: Steps = (), at: int = 1, **said: Any) -> Compared:
    found = compared(table, steps, fold(steps, table), asked(**said), at)
    assert found is not None
    return found


def test_moments_are_in_standard_deviations_of_all_images(table: Population) -> None:
    assert table.layers is not None
    units = table.layers.units("stem")
    assert units is not None
    mask = table.label == 0
    standard = (RESPONSE[:, 0] - 3) / RESPONSE[:, 0].std()
    moments = units.moments(mask)
    assert moments.images == 4
    assert moments.mean[0] == pytest.approx(standard[:4].mean(), rel=1e-5)
    assert moments.error[0] == pytest.approx(standard[:4].std(ddof=1) / 2, rel=1e-4)
    assert (moments.mean[2], moments.error[2]) == (0, 0)  # it never changes
    assert np.isnan(units.moments(table.samples == 5).error).all()  # one image
    assert np.isnan(units.moments(table.samples < 0).mean).all()
    assert table.layers.units("pool") is None
    assert table.layers.units("nowhere") is None


def test_the_standard_error_of_a_difference_is_welch_s() -> None:
    first = Moments(4, np.array([2.0, 1.0]), np.array([0.3, np.nan]))
    second = Moments(9, np.array([0.5, 1.0]), np.array([0.4, 0.1]))
    found = difference(first, second)
    np.testing.assert_allclose(found.value, [1.5, 0])
    np.testing.assert_allclose(found.error, [0.5, np.nan])


def test_a_response_means_the_images_between_its_ends(table: Population) -> None:
    gesture = Response.drawn("stem", 0, 5.0, 2)
    assert sorted(table.samples[gesture.mask(table)].tolist()) == [4, 6, 7]
    assert gesture.sentence(table, 3) == "3 images that unit 0 of stem answers with 2 to 5"
    assert Response.parse(gesture.to_json()) == gesture
    third = Response.drawn("stem", 0, 1 / 3, 2 / 3)
    assert Response.parse(third.to_json()) == third


def test_a_response_of_what_is_not_kept_says_so(table: Population) -> None:
    with pytest.raises(DataError, match="no unit 7 among the 3 of stem"):
        Response.drawn("stem", 7, 0, 1).mask(table)
    with pytest.raises(DataError, match="no layer 'nowhere'"):
        Response.drawn("nowhere", 0, 0, 1).mask(table)


@pytest.mark.parametrize(
    "wrong", [{"unit": -1}, {"unit": "0"}, {"low": None}, {"high": float("nan")}, {"layer": 7}, {"low": True}]
)
def test_what_is_no_response_is_refused(wrong: dict[str, Any]) -> None:
    right = {"layer": "stem", "unit": 0, "low": 0, "high": 1}
    assert Response.parse(right)
    with pytest.raises((ValueError, TypeError, KeyError)):
        Response.parse(right | wrong)
    with pytest.raises((ValueError, TypeError, KeyError)):
        Response.parse([right])


def test_the_selection_is_held_against_recognized_images_of_its_class(table: Population) -> None:
    found = looked(table, steps_of(CAT_FOR_DOG))
    assert found.first is not None
    assert found.second is not None
    assert found.difference is not None
    assert sorted(table.samples[found.second.mask].tolist()) == [2, 3, 4]
    standard = RESPONSE / np.where(RESPONSE.std(axis=0), RESPONSE.std(axis=0), 1)
    expected = standard[3] - standard[:3].mean(axis=0)
    np.testing.assert_allclose(found.difference.value, expected, atol=1e-5)
    assert found.unit == 0  # which differs most
    assert title(found) == (
        "1 cat taken for dog against 3 recognized cat, unit 0 most: +2.31 sd"  # of one image there is no SE
    )


@pytest.mark.parametrize(
    ("compare", "samples"),
    [
        ("rest", [2, 3, 4, 6, 7]),
        ("right", [2, 3, 4, 6, 7]),
        ("class:1", [6, 7]),
        ("class:0", [2, 3, 4]),
        ("named:others", [6]),
        ("class:9", [2, 3, 4]),
        ("named:none", [2, 3, 4]),
        ("kept:nonsense", [2, 3, 4]),
        ("wrong", [2, 3, 4, 6, 7]),
    ],
)
def test_what_is_compared_is_asked_for_and_never_the_selection_itself(
    table: Population, compare: str, samples: list[int]
) -> None:
    named = (("others", steps_of(Response.drawn("stem", 0, 4, 4))),)
    found = looked(table, steps_of(CAT_FOR_DOG), compare=compare, named=named)
    assert found.second is not None
    assert sorted(table.samples[found.second.mask].tolist()) == samples
    there = compare in ("rest", "right", "class:1", "class:0", "named:others")
    assert (found.lacking == "") == there
    if there:
        assert compare in [value for value, _ in offers(table, asked(named=named), all_wrong=False)]


def test_a_selection_that_is_kept_is_what_the_next_is_compared_with(table: Population) -> None:
    compare = kept(steps_of(Response.drawn("stem", 0, 4, 5)))
    assert compare.startswith(KEPT)
    found = looked(table, steps_of(CAT_FOR_DOG), compare=compare)
    assert found.second is not None
    assert sorted(table.samples[found.second.mask].tolist()) == [6, 7]
    assert compare in [value for value, _ in offers(table, asked(compare=compare), all_wrong=False)]


def test_without_a_selection_what_is_wrong_is_held_against_what_is_recognized(table: Population) -> None:
    found = looked(table)
    assert found.first is not None
    assert found.second is not None
    assert table.samples[found.first.mask].tolist() == [5]
    assert offers(table, asked(), all_wrong=True)[0] == ["", "what is recognized"]
    assert sorted(table.samples[found.second.mask].tolist()) == [2, 3, 4, 6, 7]


def test_of_all_images_there_is_nothing_to_compare_with(table: Population) -> None:
    every = steps_of(Response.drawn("stem", 0, 0, 9))
    found = looked(table, every)
    assert found.difference is None
    assert title(found).endswith("with no other image to compare")
    assert matrix(table, found, "difference", fold(every, table)).bars is False


def test_a_layer_without_units_shows_those_before_it(table: Population) -> None:
    assert table.layers is not None
    layers = table.layers.looked
    assert layers is not None
    assert [with_units(layers.layers, at) for at in range(4)] == [1, 1, 1, 1]
    assert looked(table, at=2).asked == "pool"


def test_units_stand_in_the_order_that_is_asked_for(table: Population) -> None:
    found = looked(table, steps_of(CAT_FOR_DOG), compare="class:1")
    assert ordered(found, "difference").tolist() == [0, 2, 1]
    assert ordered(found, "alike").tolist() == [2, 1, 0]
    assert ordered(found, "index").tolist() == [0, 1, 2]


def test_rows_and_their_numbers_are_those_of_their_images(table: Population) -> None:
    steps = steps_of(CAT_FOR_DOG)
    found = looked(table, steps)
    shown = matrix(table, found, "index", fold(steps, table))
    numbers, errors = (np.frombuffer(each, "<f4").reshape(5, 3) for each in (shown.mean, shown.error))
    assert [row.images for row in shown.rows] == [1, 3, 4, 2]
    assert [row.name for row in shown.rows][2:] == ["cat", "dog"]
    assert found.difference is not None
    np.testing.assert_array_equal(numbers[0], found.difference.value)
    np.testing.assert_array_equal(numbers[4], found.units.moments(table.label == 1).mean)
    np.testing.assert_array_equal(errors[3], found.units.moments(table.label == 0).error)
    assert shown.numbers == (0, 1, 2)
    assert [text for text, _ in notes(found)] == ["3 units of stem", "1 never change"]


def test_classes_that_the_selection_has_or_is_taken_for_come_first(table: Population) -> None:
    dogs = steps_of(Response.drawn("stem", 1, 1, 2))
    rows = matrix(table, looked(table, dogs), "index", fold(dogs, table)).rows
    assert [row.name for row in rows][2:] == ["dog", "cat"]


def test_a_unit_that_is_not_there_is_said(table: Population) -> None:
    found = looked(table, unit=9)
    assert found.lacking == "no unit 9 of stem among those that are kept"
    assert found.units.index[looked(table, unit=1).unit] == 1


def test_the_strongest_images_are_of_whom_they_are_asked_for(table: Population) -> None:
    units = looked(table).units
    assert table.samples[units.rows[strongest(units, 0, table.label == 0)]].tolist() == [5, 4, 3]
    assert not len(strongest(units, 1, table.label == 0))  # it answers none of them
    shown = card_of(table, steps_of(CAT_FOR_DOG), "class:0", unit=1)
    assert "It answers no image of cat." in words(shown)


def card_of(table: Population, steps: Steps, patches: str = "", **said: Any) -> Element:
    assert table.layers is not None
    layers = table.layers.looked
    assert layers is not None
    found = looked(table, steps, **said)
    return card(table, layers.layers, found, steps, fold(steps, table), patches, silences=False)


def effects_of(table: Population, steps: Steps, unit: int) -> tuple[list[Effect], str]:
    found = looked(table, steps, unit=unit)
    return effects(table, OfUnit(found.units, found.unit), fold(steps, table))


def boxes(shown: Element) -> dict[Any, tuple[int, ...]]:
    """Of the patches, by their samples."""
    buttons = [each for each in walk(shown) if isinstance(each, Button) and each.act == "study"]
    return {each.value: cut.box for each in buttons for cut in each.children if isinstance(cut, Cut)}


def test_patches_are_cut_where_the_unit_answers_by_what_it_sees(table: Population) -> None:
    shown = card_of(table, steps_of(CAT_FOR_DOG), unit=0)
    # of the selection; place 3 of 2 x 2 is (1, 1): from -1 + 2 on, 3 px
    assert boxes(shown) == {5: (1, 1, 3, 3)}
    shown = card_of(table, steps_of(CAT_FOR_DOG), "all", unit=0)
    assert list(boxes(shown)) == [5, 7, 6, 4, 3]
    assert [box[:2] for box in boxes(shown).values()][:3] == [(1, 1), (1, -1), (-1, 1)]
    (facts,) = (each for each in walk(shown) if "facts" in each.look.split())
    assert words(facts) == "classes explain 25 % (chance 5.3 %)" + "sees 3x3 of 4x4 px"  # 1 / 19


def test_responses_are_counted_and_a_gesture_on_them_is_marked(table: Population) -> None:
    steps = steps_of(Response.drawn("stem", 0, 4, 6))
    first, second, flat = (
        responses(OfUnit(looked(table, steps).units, unit), steps, fold(steps, table)) for unit in range(3)
    )
    assert sum(first.every) == 6
    assert sum(first.chosen) == 3
    assert first.band == (4, 6)
    assert second.band is None
    assert (flat.edges[0], flat.edges[-1]) == (4.5, 5.5)


def test_effects_are_those_on_the_classes_of_the_selection_in_its_shares(table: Population) -> None:
    changed, whose = effects_of(table, steps_of(CAT_FOR_DOG), unit=0)
    assert [one.change for one in changed] == [-1, 1]
    assert whose == "100 % cat"
    assert changed[0].error == pytest.approx(0.1, abs=1e-3)
    changed, whose = effects_of(table, steps_of(Response.drawn("stem", 0, 2, 4)), unit=0)  # one cat, one dog
    assert [one.change for one in changed] == [0.5, -0.5]
    assert changed[0].error == pytest.approx(np.hypot(0.05, 0.05), abs=1e-3)
    assert whose == "50 % cat + 50 % dog"
    dogs = steps_of(Response.drawn("stem", 0, 4, 5))  # on which it was not
    assert "What it does was measured on no image of these classes." in words(card_of(table, dogs, unit=2))


def test_without_a_selection_effects_are_on_the_class_that_the_unit_answers_most(table: Population) -> None:
    changed, whose = effects_of(table, (), unit=0)  # dogs: 4.5 against 2.25
    assert whose == "dog, its strongest"
    assert [one.change for one in changed] == [2, -2]


def test_a_stage_of_the_first_version_says_what_it_lacks(tmp_path: Path) -> None:
    table = table_of(tmp_path, **unit_arrays({1: RESPONSE}))
    shown = card_of(table, steps_of(CAT_FOR_DOG))
    assert "What it does was not measured yet: look into the layers again." in words(shown)
    assert not [each for each in walk(shown) if each.look in ("track", "chip")]


def test_a_tenth_of_the_images_answers_most(table: Population) -> None:
    unit = OfUnit(looked(table).units, 0)
    assert table.samples[unit.extreme(least=False).mask(table)].tolist() == [5]
    assert table.samples[unit.extreme(least=True).mask(table)].tolist() == [2]
