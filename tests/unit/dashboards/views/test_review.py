"""The review of labels: lists of images in the order of their doubt, and what speaks for another class."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from diagnosed import causes_group
from tables import a_table

from dashboards.data.causes import Causes
from dashboards.data.population import FactsKey, Population
from dashboards.kit.elements import Search, walk, words
from dashboards.kit.forms import Dialog
from dashboards.views.review.below import Place, State, foot
from dashboards.views.review.card import review
from dashboards.views.review.table import LISTS, Tables, case, proposal
from deepvid.reasons import StoredCauses
from deepvid.store import Mark

# Samples 0 to 2 are test images, 3 to 5 training images; 0, 1 and 3 are wrong, 4 was learned by heart.
TRUE, PREDICTED = [0, 0, 0, 1, 1, 1], [1, 2, 0, 2, 1, 1]
FOUND = [{"label_doubt": (1.2, 9.0, 0.2)}, {"label_doubt": (0.7, 9.0, 0.2)}, {"label_doubt": (3.5, 9.0, 0.2)}]


def half(samples: list[int], split: str, group: xr.Dataset) -> Population:
    rows = np.full(6, -1, np.int32)
    rows[samples] = np.arange(3)
    table = a_table([TRUE[one] for one in samples], [PREDICTED[one] for one in samples])
    causes = Causes(StoredCauses(group), rows, 3)
    pictures = xr.DataArray(np.zeros((6, 1, 1, 1), np.uint8), dims=("sample", "y", "x", "channel"))
    return replace(
        table,
        samples=np.array(samples, np.int32),
        row_of_sample=rows,
        split=split,
        causes=causes,
        pictures=pictures,
        facts=FactsKey(),
    )


@pytest.fixture
def tables() -> Tables:
    group = causes_group([0, 1, 3], FOUND)
    for name, values in {"tracked": [4, 5], "area": [-1.5, 2.0], "rival": [2, 0]}.items():
        group[name] = ("followed", np.array(values))
    test, training = half([0, 1, 2], "test", group), half([3, 4, 5], "training", group)
    run: Any = SimpleNamespace(stage=lambda _: None)
    return Tables(
        run, test, [test, training], np.array([False, True, True]), {1: Mark("", "no", 1), 9: Mark("", "", 0)}
    )


def test_lists_begin_with_the_surest_doubt_of_both_halves(tables: Tables) -> None:
    listed = {name: one.samples(tables) for name, one in LISTS.items()}
    assert listed == {"doubted": [3, 0], "learned": [4], "selection": [1, 2], "marked": [1]}
    assert LISTS["selection"].samples(tables._replace(mask=None)) == []


def test_a_class_is_proposed_by_the_mark_the_teacher_or_the_training(tables: Tables) -> None:
    assert [proposal(tables, sample) for sample in (0, 1, 2, 3, 4, 9)] == [1, 1, None, 2, 2, None]
    right = tables._replace(marks={1: Mark("", "", 0, right=True)})
    assert proposal(right, 1) == 2  # a person may think again


def test_evidence_says_what_the_teacher_has_seen_and_how_the_label_was_learned(tables: Tables) -> None:
    one = case(tables, 4)
    assert one is not None
    assert one.training
    assert any("which was trained on this image" in line for line in one.evidence)
    assert "While the teacher learned, its label was 1.5 logits behind c2 on average." in one.evidence
    doubted = case(tables, 0)
    assert doubted is not None
    assert doubted.evidence[0].startswith("Probably the label is wrong")
    assert "Named first, it is right on 77 % (Fashion-MNIST)" in doubted.evidence[0]
    assert case(tables, 9) is None


@pytest.mark.parametrize(("classes", "digits"), [(3, 3), (10, 10), (345, 0)])
def test_digits_name_few_classes_and_many_are_searched(tables: Tables, classes: int, digits: int) -> None:
    one = case(tables, 0)
    place = Place("doubted", [1, 0, 0, 0], [0], 0)
    names = tuple(f"c{number}" for number in range(classes))

    def black(samples: Sequence[int]) -> np.ndarray:
        return np.zeros((len(samples), 1, 1, 1), np.uint8)

    drawn = review(place, one, State({}, "", "", "", "", "", ""), names, black)
    assert isinstance(drawn, Dialog)
    assert sum(key.isdigit() for key, _, _ in drawn.keys) == digits
    assert any(isinstance(each, Search) for each in walk(drawn)) == (not digits)
    assert drawn.offers("mark", {"sample": 0, "label": 1})  # by M
    assert not drawn.offers("mark", {"sample": 1, "label": 1})
    assert ("k", "mark", {"sample": 0, "label": 0}) in drawn.keys
    assert drawn.offers("mark", {"sample": 0, "label": 0})  # that its label is right


def test_training_again_leaves_out_what_is_wrong_alone() -> None:
    right, wrong = Mark("", "", 0, right=True), Mark("", "", 1)
    place = Place("doubted", [0, 0, 0, 0], [], 0)
    for marks, said in (({1: right}, ""), ({1: right, 2: wrong, 3: wrong}, "without the 2 marked images")):
        state = State(marks, "", "", "", "deepvid run x", "marks.csv", "")
        assert said in words(foot(place, state))
        assert bool(said) == ("deepvid run x" in words(foot(place, state)))
