"""Meanings of queries, and errors of those that mean nothing."""

import re
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from hostile import HUGE

from dashboards.data.population import Population
from dashboards.data.predictions import Predictions, softmax
from dashboards.data.query import LONGEST, QueryError, check, evaluated, example, words
from dashboards.data.trust import Trust
from dashboards.session.gestures import GESTURES

NAMES = ("Shirt", "T-shirt/top", "Coat")
LOGITS = np.array([[3, 1, 0], [0, 2, 1], [1, 0, 4], [2, 2.5, 0], [0, 0, 0]], np.float32)
LABEL = np.array([0, 0, 2, 0, 1], np.int32)
P = softmax(LOGITS)
SOURCE = np.array([0, 1, 2, 3, -1], np.int32)  # the teacher has not seen the last image
PREDICTED = np.where(SOURCE >= 0, LOGITS.argmax(axis=1), -1).astype(np.int32)
CONFIDENCE = np.where(SOURCE >= 0, P.max(axis=1), np.nan).astype(np.float32)  # .84 .67 .94 .59


def table(*, teacher: bool = True, students: bool = True) -> Population:
    said = Predictions(
        PREDICTED, CONFIDENCE, xr.DataArray(LOGITS, dims=("sample", "class")), SOURCE, None, softmax
    )
    trust = Trust(
        np.int32([1, 3]),
        np.uint8([3, 1]),
        np.float32([0.2, -0.1]),
        np.float32([0.9, 0.5]),
        np.uint8([0, 2, 0, 1, 0]),
        5,
    )
    pictures = xr.DataArray(np.zeros((5, 2, 2, 1), np.uint8), dims=("sample", "y", "x", "channel"))
    return Population(
        np.arange(10, 15, dtype=np.int32),
        LABEL,
        NAMES,
        {},
        said if teacher else None,
        pictures,
        np.concatenate([np.full(10, -1), np.arange(5)]).astype(np.int32),
        trust=trust if students else None,
    )


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('true == "Shirt"', [0, 1, 3]),
        ("true == Shirt", [0, 1, 3]),
        ('"Shirt" == true', [0, 1, 3]),
        ("predicted != true", [1, 3]),
        ("predicted == true", [0, 2]),
        ("wrong", [1, 3]),
        ("not wrong", [0, 2, 4]),
        ('wrong == "no"', [0, 2, 4]),
        ("confidence > 0.8", [0, 2]),
        ("0.6 < confidence < 0.9", [0, 1]),
        ("0.9 > confidence", [0, 1, 3]),
        ("margin < 0.3", [3]),
        ("loss > 2 and wrong", [1]),
        ('true in ["Coat", "T-shirt/top"]', [2, 4]),
        ('predicted not in ("Shirt",)', [1, 2, 3]),
        ('verdict == "explained"', [1]),
        ('verdict in ["cannot tell", "no student"]', [0, 2, 3, 4]),
        ('"weak" == verdict or student_verdict == "cannot tell"', [3]),
        ('verdict == "partly holds"', [1]),
        ('verdict in ["partly holds", "does not hold"]', [1, 3]),
        ('first_map == "partly holds"', [1]),
        ("fidelity > 0.8", [1]),
        ("not fidelity > 0.8", [0, 2, 3, 4]),
        ("index >= 13", [3, 4]),
        ("index == -1", []),
        ('  true == "Shirt" and (wrong or confidence > .8)', [0, 1, 3]),
    ],
)
def test_a_query_means_rows(text: str, rows: list[int]) -> None:
    assert np.flatnonzero(evaluated(text, table())).tolist() == rows


@pytest.mark.parametrize(
    ("text", "found", "marked"),
    [
        ("", "nothing", ""),
        ("x" * (LONGEST + 1), "over", "x"),
        ('true = "Shirt"', "==", None),
        ("confidence >", "no end", None),
        ("confidnce > 0.5", "did you mean confidence?", "confidnce"),
        ('true == "Shrit"', "did you mean Shirt?", '"Shrit"'),
        ("confidence > high", "where a number stands", "high"),
        ('true > "Shirt"', "no order", "true"),
        ("true == 1", "put it in quotes", "1"),
        ("true == confidence", "nothing like true", "confidence"),
        ("confidence", "alone", "confidence"),
        (f"confidence > {HUGE}", "a number over 1.8e308", HUGE),
        (f"index in [-0x{HUGE}]", "a number over 1.8e308", f"0x{HUGE}"),
        ("true in Shirt", "a list", "Shirt"),
        ("confidence is 1", "none of ==", "confidence"),
        ("__import__('os').system('true')", "where a comparison stands", None),
        ("true.__class__ == 1", "where a name stands", "true.__class__"),
        ("(lambda: 1)() > 2", "where a name stands", None),
        ('  wrong and true == "Schürze" and wrong', "no true class", '"Schürze"'),
        ("(" * 240 + "wrong" + ")" * 240, "", None),
    ],
)
def test_what_means_nothing_is_marked(text: str, found: str, marked: str | None) -> None:
    with pytest.raises(QueryError) as raised:
        evaluated(text, table())
    error = raised.value
    with pytest.raises(QueryError, match=re.escape(error.found)):
        check(text, table())
    assert found in error.found
    assert 0 <= error.begin <= error.end
    if marked is not None:
        assert text[error.begin : error.end] == marked


def test_what_the_run_does_not_know_yet_is_said() -> None:
    for text, known in (("wrong", table(teacher=False)), ("fidelity > 0", table(students=False))):
        with pytest.raises(QueryError, match="does not know yet"):
            evaluated(text, known)
    named = {word for word, _ in words(table(teacher=False, students=False))}
    assert named >= {"true", "index", '"T-shirt/top"', "and"}
    assert not named & {"predicted", "confidence", "fidelity", '"explained"'}


@pytest.mark.parametrize(
    ("of", "shown"),
    [
        (table(), 'true == "…" and confidence > 0.9'),
        (replace(table(), labeled=False), 'predicted == "…" and confidence > 0.9'),
        (table(teacher=False), 'true == "…"'),
    ],
)
def test_an_example_can_be_asked_of_the_run(of: Population, shown: str) -> None:
    assert example(of) == shown
    check(shown.replace("…", "Coat"), of)


def test_margin_and_loss_are_the_teachers() -> None:
    margin = np.sort(P, axis=1)[:, -1] - np.sort(P, axis=1)[:, -2]
    loss = -np.log(P[np.arange(5), LABEL])
    seen = SOURCE >= 0
    for cut in (0.1, 0.5, 1.0):
        assert (evaluated(f"margin > {cut}", table()) == (margin > cut) & seen).all()
        assert (evaluated(f"loss <= {cut}", table()) == (loss <= cut) & seen).all()


def test_a_link_has_the_words_and_refuses_what_is_no_query() -> None:
    gesture = GESTURES["query"].parse('true == "Shirt"')
    assert gesture.to_json() == 'true == "Shirt"'
    assert gesture.sentence(table(), 3) == '3 images where true == "Shirt"'
    for value in ("", "wrong and", 5, "x" * 900):
        with pytest.raises((ValueError, TypeError)):
            GESTURES["query"].parse(value)
