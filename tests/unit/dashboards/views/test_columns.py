"""The card of further columns: its sentence, and values whose queries select exactly their images."""

from dataclasses import replace

import numpy as np
import pytest
from tables import a_table

from dashboards.data.population import FactsKey, Population
from dashboards.data.query import evaluated
from dashboards.kit.elements import Button, Element, walk, words
from dashboards.views.columns import listed, ranking, sentence, values
from deepvid.columns import Column

ROWS = 400
GENERATOR = np.random.default_rng(0)
SITE = GENERATOR.integers(-1, 3, ROWS).astype(np.int32)
AGE = np.where(GENERATOR.random(ROWS) < 0.1, np.nan, GENERATOR.normal(0, 1e-3, ROWS))
DOSE = GENERATOR.choice([-np.inf, -1.0, 0.5, np.inf, np.nan], ROWS)
TAKEN = 1.7e9 + GENERATOR.integers(0, 1_000_000, ROWS).astype(np.float64)
COLUMNS = (
    Column("age", "number", AGE),
    Column("dose", "number", DOSE),
    Column("taken", "date", TAKEN),
    Column("site", "category", SITE, ('A "1"', "B\\", "C")),
    Column("note", "text", np.array(["a"] * ROWS, object)),
)


def table(wrong: np.ndarray) -> Population:
    made = a_table([0] * ROWS, wrong.astype(int).tolist())
    return replace(made, columns={column.name: column for column in COLUMNS}, facts=FactsKey())


def offered(card: Element, act: str) -> list[Button]:
    return [each for each in walk(card) if isinstance(each, Button) and each.act == act]


CAUSED = table(GENERATOR.random(ROWS) < np.where(SITE == 1, 0.6, 0.1))


def test_the_cause_comes_first_with_its_worst_value() -> None:
    found, rate = ranking(CAUSED)
    assert rate == np.mean(CAUSED.wrong)
    assert sentence(found) == "site says most of errors"
    card = listed(CAUSED, (), "")
    rows = offered(card, "open")
    assert rows[0].value == "site"
    assert {row.value for row in rows} == {"age", "dose", "taken", "site"}
    assert [row.expanded for row in rows] == [True, False, False, False]
    assert ["as chance" in words(row) for row in rows] == [False, True, True, True]
    worst = offered(card, "select")[0]
    assert (words(worst.children[0]), worst.pressed) == ("B\\", False)
    assert offered(listed(CAUSED, (), worst.value["query"]), "select")[0].pressed


def test_no_column_is_named_where_none_says_anything() -> None:
    found, _ = ranking(table(np.arange(ROWS) % 10 == 0))
    assert sentence(found) == "None of the columns says more of errors than chance"


@pytest.mark.parametrize("name", ["age", "dose", "taken", "site"])
def test_each_value_selects_its_images(name: str) -> None:
    found, _ = ranking(CAUSED)
    one = next(each for each in found if each.name == name)
    told = values(CAUSED, one)
    assert sum(value.images for value in told) == ROWS
    together = np.zeros(ROWS, int)
    for value in told:
        selected = evaluated(value.query, CAUSED)
        assert selected.sum() == value.images, value.query
        together += selected
    assert (together == 1).all()
