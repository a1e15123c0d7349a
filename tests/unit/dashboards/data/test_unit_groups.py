"""Groups of units in a table, and the meaning of a gesture on one."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from looks import column, commit_layers, layers_group, unit_arrays, with_groups

from dashboards.data.population import Population, population
from dashboards.kit.elements import Button, Element, walk, words
from dashboards.kit.pictures import Cut
from dashboards.session.gestures import GroupResponse
from dashboards.session.selection import Mode, Step, Steps, fold
from dashboards.views.network.comparing import Compared, Own, compared, ungrouped
from dashboards.views.network.comparing import with_groups as nearest
from dashboards.views.network.unit.of_group import shown_in_full
from dashboards.views.network.unit.table import Effect, card, effects, responses
from dashboards.views.network.units import matrix, notes, title
from deepvid.errors import DataError
from deepvid.store import open_run, open_writer

# Six test images behind two training images; the fourth is a cat taken for a dog.
LABEL = [0, 1, 0, 0, 0, 0, 1, 1]
PREDICTED = [0, 1, 0, 0, 0, 1, 1, 1]
SEEN = {axis: {"size": 3, "stride": 2, "offset": -1} for axis in "yx"}
COLUMNS = (
    column("pixels", shape=[8, 8, 1], units=0),
    column("stem", shape=[4, 4, 3], units=3, receptive_field=SEEN),
    column("pool", shape=[3], units=0, parameters=0),
    column("logits", shape=[2], units=0),
)
RESPONSE = np.array([[0, 0, 5], [1, 0, 5], [2, 0, 5], [6, 0, 5], [4, 1, 5], [5, 2, 5]])
ANSWER = np.array([[0, 8], [1, 8], [2, 8], [7, 6], [4, 4], [5, 4]])
PEAK = np.array([[0, 0], [0, 0], [0, 0], [3, 0], [1, 0], [2, 0]])
MEMBERS = np.array([[0.7, 0.3, 0], [0, 0, 1]])
ADDS = np.array([[-0.5, 1.0], [0.25, 0]])
CAT_FOR_DOG = Step(Mode.REPLACE, GroupResponse("stem", 0, 7, 7))


def table_of(store: Path, adds: np.ndarray | None, *, grouped: bool = True) -> Population:
    images = np.arange(8 * 64, dtype="u2").astype("u1").reshape(8, 8, 8, 1)
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
    group = layers_group(np.zeros((4, 6), int), np.arange(2, 8), columns=COLUMNS)
    group = group.assign(unit_arrays({1: RESPONSE}))
    if grouped:
        known = {1: ADDS} if adds is not None else None
        group = with_groups(group, {1: ANSWER}, {1: MEMBERS}, {1: PEAK}, (2, 2), known, classes=2)
    commit_layers(store, "toy-0123abcd", group)
    found = population(open_run(store / "toy-0123abcd"))
    assert found is not None
    return found


@pytest.fixture
def table(tmp_path: Path) -> Population:
    return table_of(tmp_path, ADDS)


def asked(table: Population, steps: Steps = (), at: int = 1, group: int | None = None) -> Compared:
    own = Own("stem", None, "", "difference", "", grouped=True, group=group)
    found = compared(table, steps, fold(steps, table), own, at)
    assert found is not None
    return found


def test_a_group_s_gesture_means_the_images_it_answers_so(table: Population) -> None:
    gesture = GroupResponse.drawn("stem", 0, 5.0, 2)
    assert gesture == GroupResponse("stem", 0, 2, 5)
    assert GroupResponse.parse(gesture.to_json()) == gesture
    mask = gesture.mask(table)
    assert table.samples[mask].tolist() == [4, 6, 7]
    assert gesture.sentence(table, 3) == "3 images that group 0 of stem answers with 2 to 5"


@pytest.mark.parametrize(
    "wrong", [{"group": -1}, {"group": True}, {"layer": 7}, {"low": None}, {"high": float("nan")}]
)
def test_what_is_no_gesture_of_a_group_is_refused(wrong: dict[str, object]) -> None:
    right = {"layer": "stem", "group": 0, "low": 0, "high": 1}
    assert GroupResponse.parse(right)
    with pytest.raises((ValueError, TypeError)):
        GroupResponse.parse(right | wrong)
    with pytest.raises(TypeError):
        GroupResponse.parse([right])


def test_a_gesture_on_a_group_that_is_not_there_says_so(table: Population, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no group 7: there are 2 groups of stem"):
        GroupResponse("stem", 7, 0, 1).mask(table)
    with pytest.raises(DataError, match="there are no groups of pool"):
        GroupResponse("pool", 0, 0, 1).mask(table)
    with pytest.raises(DataError, match="no layer 'nowhere'"):
        GroupResponse("nowhere", 0, 0, 1).mask(table)


def test_two_sets_are_compared_in_groups_as_in_units(table: Population) -> None:
    found = asked(table, (CAT_FOR_DOG,))
    assert found.difference is not None
    standard = (ANSWER - ANSWER.mean(axis=0)) / ANSWER.std(axis=0)
    expected = standard[3] - standard[:3].mean(axis=0)  # against recognized cats
    np.testing.assert_allclose(found.difference.value, expected, rtol=1e-4)
    assert "group 0 most" in title(found)
    shown = matrix(table, found, "difference", fold((CAT_FOR_DOG,), table))
    assert (shown.word, shown.numbers) == ("group", (0, 1))
    told = [text for text, _ in notes(found)]
    assert told[:2] == ["2 groups of stem", "93 % of predictions stay (floor 11 %)"]
    assert told[2:] == ["error 51 %", "stability 0.90 (chance 0.39)"]


def test_groups_of_the_layer_nearest_before_are_shown(table: Population) -> None:
    found = asked(table, at=2)
    assert (found.units.name, found.asked) == ("stem", "pool")
    assert table.layers is not None
    assert table.layers.looked is not None
    assert nearest(table.layers.looked.layers, 0) == 1
    assert asked(table, group=1).unit == 1
    assert asked(table, group=9).lacking == "no group 9 of stem among those that are kept"


def shown_of(table: Population, steps: Steps = ()) -> Element:
    found, looked = asked(table, steps, group=0), table.layers and table.layers.looked
    assert looked is not None
    return card(table, looked.layers, found, steps, fold(steps, table), "", silences=False)


def effects_of(table: Population, steps: Steps) -> tuple[list[Effect], str]:
    return effects(table, shown_in_full(asked(table, steps, group=0)), fold(steps, table))


def test_a_patch_of_a_pooled_place_is_what_all_of_its_places_see(table: Population) -> None:
    """Places of two by two, each 2 px on, of 3 px: 5 px, every 4 px."""
    shown = shown_of(table)
    buttons = [each for each in walk(shown) if isinstance(each, Button) and each.act == "study"]
    patches = {each.value: cut.box for each in buttons for cut in each.children if isinstance(cut, Cut)}
    assert patches == {
        5: (3, 3, 5, 5),  # place 3 of 2x2
        7: (3, -1, 5, 5),
        6: (-1, 3, 5, 5),
        4: (-1, -1, 5, 5),
        3: (-1, -1, 5, 5),
    }
    assert "sees 5x5 of 8x8 px" + "stable 1.00 (chance 0.39)" in words(shown)


def test_its_strongest_units_are_told_with_their_shares(table: Population) -> None:
    shown = shown_of(table)
    first, second = (each for each in walk(shown) if isinstance(each, Button) and each.act == "source")
    assert (first.value, second.value) == ({"layer": "stem", "unit": 0}, {"layer": "stem", "unit": 1})
    assert (words(first), words(second)) == ("0 70 %", "1 30 %")
    assert not first.disabled
    assert not second.disabled


def test_where_effects_add_up_they_are_of_the_selection(table: Population) -> None:
    """Answers of 2 to 5 are 2, 4 and 5, in the mean 11 / 3, times −½ and 1: it is taken away."""
    steps = (Step(Mode.REPLACE, GroupResponse("stem", 0, 2, 5)),)
    (cat, dog), _ = effects_of(table, steps)
    assert cat.change == pytest.approx(11 / 6, rel=1e-3)
    assert dog.change == pytest.approx(-11 / 3, rel=1e-3)
    assert dog.error == pytest.approx(np.std([2, 4, 5], ddof=1) / np.sqrt(3), rel=1e-3)
    assert "within 2e−06" in cat.hint
    told = shown_in_full(asked(table, steps, group=0))
    assert responses(told, steps, fold(steps, table)).band == (2, 5)
    alone, _ = effects_of(table, (CAT_FOR_DOG,))
    assert [one.error for one in alone] == [0, 0]  # it is not known


def test_elsewhere_they_are_of_the_classes_of_the_selection(tmp_path: Path) -> None:
    changed, whose = effects_of(table_of(tmp_path, None), (CAT_FOR_DOG,))
    assert [one.change for one in changed] == [-0.5, -0.5]
    assert whose == "100 % cat"


def test_without_groups_units_are_shown_and_it_is_said(tmp_path: Path) -> None:
    table = table_of(tmp_path, None, grouped=False)
    found = asked(table)
    assert found.units.word == "unit"
    assert found.ungrouped == "units are not grouped yet: look into the layers again"
    looked = table.layers and table.layers.looked
    assert looked is not None
    looked.layers.attrs["groups"] = None  # type: ignore[index]
    assert ungrouped(looked.layers) == "no groups: no layer has maps, or none were asked for"
    with pytest.raises(DataError, match="there are no groups of stem"):
        GroupResponse("stem", 0, 0, 1).mask(table)


def test_a_bar_of_responses_is_a_gesture_of_what_is_shown(table: Population) -> None:
    found = asked(table, group=1)
    assert shown_in_full(found).answering(3, 1) == GroupResponse("stem", 1, 1, 3)
