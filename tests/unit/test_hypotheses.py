"""Rules tried on two halves of the images, beside shuffled errors."""

from dataclasses import replace

import numpy as np
import pytest
from diagnosed import modes_group
from tables import a_table

from dashboards.data.hypotheses import hypothesis, verdict, words_of_errors
from dashboards.data.modes import Modes
from dashboards.data.population import FactsKey, Population
from dashboards.data.query import QueryError
from deepvid.hypotheses import MOST_IMAGES, first_half, trial, tried_samples

ROWS = np.arange(400)
HALF = ROWS % 2 == 0


def test_a_rule_is_confirmed_where_the_other_half_is_wrong_beyond_all_and_beyond_chance() -> None:
    wrong = ROWS < 80  # a fifth of each half
    found = trial(ROWS < 100, wrong, HALF)
    assert (found.first.value, found.other.value, found.usual) == (0.8, 0.8, 0.2)  # 40 of 50 in each half
    assert found.shuffled.value == pytest.approx(0.2, abs=0.01)
    assert found.shuffled.low < 0.2 < found.shuffled.high < 0.4
    assert found.is_confirmed
    assert not trial((ROWS < 100) & HALF, wrong, HALF).is_confirmed  # of no image of the other half
    assert not trial(ROWS >= 0, wrong, HALF).is_confirmed  # of all: no more than usual


def test_the_halves_are_those_that_modes_are_found_on() -> None:
    """As `find_modes` draws them: from the same seed, over the samples in their order."""
    test = np.arange(50)
    assert tried_samples(test, 7).tolist() == test.tolist()
    expected = np.random.default_rng(7).random(50) < 0.5
    np.testing.assert_array_equal(first_half(50, np.random.default_rng(7)), expected)
    many = np.arange(3 * MOST_IMAGES)
    some = tried_samples(many, 0)
    assert len(some) == MOST_IMAGES
    assert np.isin(some, many[::10]).mean() == pytest.approx(0.1, abs=0.01)  # no more errors than of all


def with_modes() -> Population:
    """Rows 0 to 79 are errors, the label of rows below 100 is c0."""
    label = np.where(ROWS < 100, 0, 1)
    table = a_table(label.tolist(), np.where(ROWS < 80, 1 - label, label).tolist())
    group = modes_group(range(80), [0] * 80, [{}])
    return replace(table, modes=Modes(group, table.row_of_sample, table.rows, 3), facts=FactsKey())


def test_a_query_is_tried_on_the_table() -> None:
    table = with_modes()
    assert table.modes is not None
    found = hypothesis(table, 'true == "c0"')
    assert (found.images, found.errors) == (100, 80)
    assert set(found.central) == set(range(36, 44))  # in the middle of 0 to 79
    assert table.modes.first_half.sum() == (np.random.default_rng(3).random(400) < 0.5).sum()
    assert verdict(found.tried).startswith("Confirmed: of its images ")
    assert not hypothesis(table, 'true == "c1"').tried.is_confirmed
    with pytest.raises(QueryError):
        hypothesis(table, "nonsense")


def test_a_query_that_names_the_errors_itself_is_no_hypothesis() -> None:
    assert words_of_errors('wrong and true == "Shirt"') == ["wrong"]
    assert words_of_errors("true != predicted") == ["predicted", "true"]
    assert words_of_errors('true == "Shirt" and confidence < 0.5') == []


@pytest.mark.parametrize("query", ["label_doubt > 0", "not learned >= 0", "marked", 'verdict == "holds"'])
def test_a_query_that_errors_alone_can_meet_says_nothing(query: str) -> None:
    assert words_of_errors(query)
    assert not words_of_errors('true == "c0" and margin < 0.5')
