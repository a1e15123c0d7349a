"""Where a morph goes, and what is said and drawn of it."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from dashboards.data.feature_neighbors import Space
from dashboards.kit.charts import Change
from dashboards.views.morph import areas, goal, sentence, way
from deepvid.engine.requests import Flip, Morphed

NAMES = ("Bag", "Coat", "Shirt", "Boot")


def flip(position: float, before: int, after: int) -> Flip:
    return Flip(position, before, after, np.eye(4, dtype="f4")[after])


@pytest.mark.parametrize(
    ("flips", "said"),
    [
        ([], "The teacher's answer does not change on the way: it stays Coat."),
        ([flip(0.4243, 1, 2)], "The teacher's answer changes from Coat to Shirt at .424 of the way."),
        (
            [flip(0.1, 1, 2), flip(0.75, 2, 0)],
            "The teacher's answer changes from Coat to Shirt at .100 and to Bag at .750 of the way.",
        ),
        (
            [flip(0.1, 1, 2), flip(0.2, 2, 1), flip(0.3, 1, 2), flip(0.9, 2, 0)],
            "The teacher's answer changes 4 times, first from Coat to Shirt at .100, at last to Bag at .900 "
            "of the way.",
        ),
    ],
)
def test_the_changes_are_told(flips: list[Flip], said: str) -> None:
    assert sentence(flips, "Coat", NAMES) == said


def test_areas_add_up_to_one_with_the_first_answer_below_and_the_last_on_top() -> None:
    probability = np.array([[0.1, 0.85, 0.04, 0.01], [0.5, 0.3, 0.19, 0.01], [0.2, 0.1, 0.69, 0.01]])
    found = areas(probability, NAMES)
    assert [one.name for one in found] == ["Coat", "Bag", "1 other class", "Shirt"]
    np.testing.assert_allclose(np.sum([one.value for one in found], axis=0), 1, atol=1e-4)
    assert found[0].value == pytest.approx([0.85, 0.3, 0.1])
    assert [bool(one.color) for one in found] == [True, True, False, True]


def test_of_very_many_classes_the_likely_ones_have_an_area() -> None:
    probability = np.full((2, 345), 0.2 / 340)
    probability[:, :5] = 0.16
    found = areas(probability, [f"class {index}" for index in range(345)])
    assert [one.name for one in found] == [*(f"class {index}" for index in range(5)), "340 other classes"]


def test_areas_are_known_at_the_changes_too() -> None:
    images = np.zeros((3, 2, 2, 1), np.uint8)
    flips = (flip(0.7, 1, 2),)
    found = way(Morphed(np.array([0, 0.5, 1]), images, np.eye(4, dtype="f4")[[1, 1, 2]], flips), NAMES, 7, "")
    assert found.positions == (0, 0.5, 1)
    assert found.points == (0, 0.5, 0.7, 1)
    assert found.changes == (Change(0.7, "Coat → Shirt"),)
    assert found.answers[2].startswith("Shirt .4")
    assert all(len(one.value) == 4 for one in found.areas)


LABEL = np.array([1, 1, 1, 2, 2], np.int32)
PREDICTED = np.array([2, 2, 1, 2, 2], np.int32)
PLACE = np.array([[0.0], [1.0], [5.0], [2.0], [9.0]], "f4")


def a_table(second: int) -> Any:
    """Of which each row's probabilities are those of its answer, then of `second`."""
    probability = 0.6 * np.eye(4)[PREDICTED] + 0.3 * np.eye(4)[second] + 0.025
    return SimpleNamespace(
        row_of=lambda sample: sample, probabilities=lambda row: probability[row], class_names=NAMES
    )


def test_an_error_goes_to_the_nearest_image_of_its_class_that_is_recognized() -> None:
    space = Space(xr.DataArray(PLACE, dims=("sample", "feature")), LABEL, PREDICTED, np.arange(5) == 4)
    found = goal(a_table(1), space, 0)
    assert found is not None
    assert found.sample == 2  # 1 is nearer, but taken for a shirt
    assert found.why == "the nearest training image of Coat, its label, that the teacher recognizes"


def test_what_is_recognized_goes_to_the_teachers_second_choice() -> None:
    space = Space(xr.DataArray(PLACE, dims=("sample", "feature")), LABEL, PREDICTED, np.arange(5) == 4)
    found = goal(a_table(2), space, 2)
    assert found is not None
    assert found.sample == 3
    assert "Shirt, the teacher's second choice" in found.why
    assert goal(a_table(0), space, 2) is None  # no bag is there


def test_of_one_class_there_is_no_way() -> None:
    label = np.zeros(2, np.int32)
    space = Space(xr.DataArray(PLACE[:2], dims=("sample", "feature")), label, label, np.arange(2) == 1)
    table: Any = SimpleNamespace(row_of=lambda sample: sample, probabilities=lambda row: np.ones(1))
    assert goal(table, space, 0) is None
