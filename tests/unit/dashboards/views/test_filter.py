"""The column of filters: clauses of a query are read and replaced, and values are counted."""

import numpy as np
import pytest
from tables import a_table

from dashboards.data.clauses import (
    Range,
    clause_of_range,
    clause_of_words,
    range_of,
    with_clause,
    words_of,
)
from dashboards.data.population import Population
from dashboards.data.query import evaluated
from dashboards.session.gestures import Query, Samples
from dashboards.session.selection import Mode, Step
from dashboards.views.filter.table import Numbers, Words, sections
from dashboards.views.filter.view import with_filter


@pytest.mark.parametrize(
    ("query", "clause", "written"),
    [
        ("", 'true == "c1"', 'true == "c1"'),
        ('true == "c0"', 'true in ["c0", "c1"]', 'true in ["c0", "c1"]'),
        ('wrong and true == "c0" and confidence > 0.5', "", "wrong and confidence > 0.5"),
        ('wrong or true == "c0"', 'true == "c1"', '(wrong or true == "c0") and true == "c1"'),
        ("not (wrong and marked)", 'true == "c1"', 'not (wrong and marked) and true == "c1"'),
        ('true != "c0"', 'true == "c1"', 'true != "c0" and true == "c1"'),  # no filter says so: it stays
        ('predicted == "Schüh" and wrong', 'true == "c1"', 'predicted == "Schüh" and wrong and true == "c1"'),
    ],
)
def test_a_clause_takes_the_place_of_its_own_and_others_stay(query: str, clause: str, written: str) -> None:
    assert with_clause(query, "true", clause) == written


@pytest.mark.parametrize("words", [("c0",), ('a "quoted" name', "c1"), ("<b>bold</b>",)])
def test_words_and_ranges_are_read_back_as_they_were_written(words: tuple[str, ...]) -> None:
    assert words_of(f"wrong and {clause_of_words('true', words)}", "true") == words
    assert words_of(clause_of_words("wrong", ("no",), yes_no=True), "wrong") == ("no",)
    assert clause_of_words("wrong", ("no", "yes"), yes_no=True) == ""
    for found in (Range(-0.25, 0.75), Range(0.5, None), Range(None, 1e-7), Range("2024-01-31", None)):
        assert range_of(f"{clause_of_range('margin', found)} and wrong", "margin") == found
    assert range_of("wrong", "margin") is None


def test_values_are_counted_of_all_and_of_the_selection() -> None:
    table = a_table([0, 0, 1, 2], [0, 1, 1, 2])
    mask = np.array([True, True, False, False])
    told = {one.name: one for one in sections(table, mask, 'true == "c1" and 0.5 <= confidence <= 0.8', ())}
    assert list(told) == ["true", "predicted", "wrong", "confidence", "margin", "marked"]
    true, confidence, wrong = told["true"], told["confidence"], told["wrong"]
    assert isinstance(true, Words)
    assert (true.words, true.every, true.selected, true.wanted) == (
        ("c0", "c1", "c2"), (2, 1, 1), (2, 0, 0), ("c1",),
    )  # fmt: skip
    assert isinstance(wrong, Words)
    assert (wrong.every, wrong.selected) == ((3, 1), (1, 1))
    assert isinstance(confidence, Numbers)
    assert (sum(confidence.every), sum(confidence.selected), confidence.band) == (4, 2, (0.5, 0.8))
    assert confidence.range(0.2, 1.0) == Range(0.2, None)  # what lies beyond the last step, too
    assert sections(table, None, "", ())[0].selected == ()


def test_of_many_classes_the_commonest_are_listed_and_those_that_are_ticked() -> None:
    label = [*np.repeat(np.arange(345), 2), *np.repeat(344, 3)]
    table: Population = a_table(label, label, classes=345)
    (true, *_) = sections(table, None, 'true == "c200"', ())
    assert isinstance(true, Words)
    assert (true.words[:3], len(true.words), true.left) == (("c200", "c344", "c0"), 20, 325)
    (true, *_) = sections(table, None, "", ("true",))
    assert isinstance(true, Words)
    assert (len(true.words), true.left) == (345, 0)


def test_a_filter_writes_the_last_query_and_leaves_other_gestures() -> None:
    lasso, asked = Step(Mode.REPLACE, Samples((1, 2))), Step(Mode.INTERSECT, Query("wrong"))
    assert with_filter((), "true", 'true == "c0"') == (Step(Mode.REPLACE, Query('true == "c0"')),)
    assert with_filter((lasso, asked), "true", 'true == "c0"') == (
        lasso, Step(Mode.INTERSECT, Query('wrong and true == "c0"')),
    )  # fmt: skip
    assert with_filter((lasso,), "true", 'true == "c0"') == (
        lasso,
        Step(Mode.INTERSECT, Query('true == "c0"')),
    )
    assert with_filter((lasso, asked), "wrong", "") == (lasso,)
    query = with_clause("wrong", "confidence", clause_of_range("confidence", Range(0.5, None)))
    assert evaluated(query, a_table([0, 0], [0, 1])).tolist() == [False, True]
