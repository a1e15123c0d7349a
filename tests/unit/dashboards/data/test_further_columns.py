"""Further columns on the page: words of queries, orders, groups, colors, and in saved files."""

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from tables import a_table

from dashboards.data.levels import LEVELS, levels, numbers
from dashboards.data.orders import ORDERS, group_counts, grouped, groupings, is_order, order, orders
from dashboards.data.population import FactsKey, Population, _columns
from dashboards.data.query import QueryError, evaluated, quote, words
from dashboards.data.saving import save_arrays, save_table
from dashboards.data.values import VALUES, column_texts
from dashboards.kit.elements import swatch
from dashboards.session.navigation import Navigation
from dashboards.views.map.coloring import coloring
from dashboards.views.map.scales import category_scale, number_scale
from deepvid.column_format import pack_columns
from deepvid.columns import RESERVED, Column, seconds_of
from deepvid.progress import SILENT

NAN = float("nan")
DAYS = ["2024-01-05", "", "2024-03-01", "2024-01-05 12:00", "2023-12-31", "2024-02-01"]
TAKEN = np.array([NAN if not day else seconds_of(day) for day in DAYS], np.float64)
AGE = np.array([40, 35.25, NAN, 71, 71, 8])
SITE = ('A "1"', "B", "C")
COLUMNS = (
    Column("age", "number", AGE, title="Age (years)"),
    Column("taken", "date", TAKEN),
    Column("site", "category", np.array([0, 1, -1, 1, 0, 2], np.int32), SITE),
    Column("note", "text", np.array(["A mole", "", "=1+1", "two MOLES", "x", "y"], object)),
    Column("ill", "category", np.array([0, 1, 1, 0, 1, 1], np.int32), ("False", "True")),
)


def table(label: list[int] | None = None) -> Population:
    made = a_table(label or [0] * 6, [1, 1, 1, 0, 0, 0])
    return replace(made, columns={column.name: column for column in COLUMNS}, facts=FactsKey())


TABLE = table()


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("age > 40", [3, 4]),
        ("age <= 35.25", [1, 5]),
        ("not age == age", [2]),
        ("10 < age < 50", [0, 1]),
        ('taken >= "2024-01-05"', [0, 2, 3, 5]),
        ('taken == "2024-01-05"', [0]),
        ('"2024-01-01" < taken < "2024-02-02"', [0, 3, 5]),
        ('taken in ["2023-12-31", "2024-02-01"]', [4, 5]),
        ("site == B", [1, 3]),
        ('site != "B"', [0, 4, 5]),
        (f"site == {quote(SITE[0])}", [0, 4]),
        ('site in ["B", "C"]', [1, 3, 5]),
        ('"a" in site', [0, 4]),
        ('"mole" in note', [0, 3]),
        ('"mole" not in note', [2, 4, 5]),
        ('note == "x"', [4]),
        ('note in ["x", "y"] and wrong == "no"', [4, 5]),
        ("ill == True and age > 0", [1, 4, 5]),
        ('ill == "False"', [0, 3]),
    ],
)
def test_a_column_is_a_word_of_queries(text: str, rows: list[int]) -> None:
    assert np.flatnonzero(evaluated(text, TABLE)).tolist() == rows


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("age == site", "nothing like age"),
        ("age == taken", "nothing like age"),
        ('age > "old"', "where a number stands"),
        ("taken > 5", "where a date stands"),
        ('taken > "yesterday"', 'a date stands, as in "2024-01-31"'),
        ('note > "x"', "no order"),
        ('site == "D"', "'D', which is no value of site"),
        ('"x" in age', "no words to look in"),
        ("agee > 5", "did you mean age?"),
        ("age", "age alone"),
        ("note == 5", "put it in quotes"),
    ],
)
def test_a_query_of_a_column_that_means_nothing_is_said(text: str, found: str) -> None:
    with pytest.raises(QueryError) as raised:
        evaluated(text, TABLE)
    assert found in raised.value.found


def test_the_words_of_columns_are_offered() -> None:
    offered = dict(map(tuple, words(TABLE)))
    assert offered["age"] == "column of numbers: Age (years)"
    assert (offered["taken"], offered["note"]) == ("column of dates", "column of texts")
    assert offered[quote(SITE[0])] == "site"


def test_every_name_of_ours_is_reserved() -> None:
    ours = {*VALUES, *ORDERS, *groupings(a_table([0], [1])), "label", "error", "trust", "nearest"}
    assert ours <= RESERVED


def test_a_stored_name_that_is_a_word_of_ours_today_gets_another() -> None:
    arrays, lines = pack_columns((COLUMNS[0]._replace(name="wrong"), COLUMNS[2]._replace(name="a b")))
    dims = {"number": ("sample", "number_column"), "category": ("sample", "category_column")}
    stored = xr.Dataset({name: (dims[name], array) for name, array in arrays.items()})
    stored.attrs["table_columns"] = lines
    assert list(_columns(stored, np.arange(6))) == ["wrong_column", "a_b"]


@pytest.mark.parametrize(
    "changed",
    [
        {"at": 1},
        {"at": 2**62},
        {"kind": "picture"},
        {"kind": "text", "width": 1},
        {"kind": "category"},
        {"width": 0},
        {"words": ["a"]},
    ],
)
def test_columns_that_an_archive_has_no_values_for_are_left_out(changed: dict[str, Any]) -> None:
    arrays, lines = pack_columns(COLUMNS[:1])
    stored = xr.Dataset({"number": (("sample", "number_column"), arrays["number"])})
    stored.attrs["table_columns"] = [{**lines[0], **changed}]
    assert _columns(stored, np.arange(6)) == {}


def test_numbers_and_dates_order_images_and_what_is_not_known_comes_last() -> None:
    assert order(TABLE, "age").rows.tolist() == [5, 1, 0, 3, 4, 2]
    assert order(TABLE, "-age").rows.tolist() == [3, 4, 0, 1, 5, 2]
    assert order(TABLE, "taken").rows.tolist() == [4, 0, 3, 5, 2, 1]
    assert {"age", "-age", "taken", "-taken"} == orders(TABLE).keys() - orders(a_table([0], [1])).keys()
    assert orders(TABLE)["-taken"][0] == "by taken, the latest first"
    assert is_order(TABLE, "-age")
    assert not is_order(a_table([0]), "-age")


def test_categories_group_images() -> None:
    assert list(groupings(TABLE)) == ["true", "predicted", "site", "ill"]
    assert grouped(TABLE, order(TABLE, "index"), "site").rows.tolist() == [0, 4, 1, 3, 5, 2]
    assert group_counts(TABLE, "site", None).tolist() == [2, 2, 1, 1]
    assert group_counts(TABLE, "site", np.array([1, 1, 0, 0, 0, 0], bool)).tolist() == [1, 1, 0, 0]


def test_a_category_colors_the_map_by_its_commonest_words() -> None:
    used = coloring(TABLE, "site")
    assert [used.groups[group].name for group in used.group] == [SITE[0], "B", "others", "B", SITE[0], "C"]
    many = Column(
        "many", "category", np.repeat(np.arange(30), 30 - np.arange(30)), tuple(map(str, range(30)))
    )
    rows = len(many.values)
    wide = replace(a_table([0] * rows), columns={"many": many})
    used = coloring(wide, "many")
    assert used.group.max() < 21
    assert used.groups[used.group[0]].name == "0"
    assert used.groups[used.group[-1]].name == "others"
    chips = category_scale(wide, None, (), "many").chips
    assert [(chip.name, chip.images) for chip in chips[:2]] == [("0", 30), ("1", 29)]
    for chip in chips:
        selected = evaluated(chip.what, wide)
        assert selected.sum() == chip.images
        assert chip.mark == swatch(used.groups[used.group[selected][0]].color)


@pytest.mark.parametrize("name", ["age", "taken"])
def test_the_bars_of_a_histogram_select_their_images(name: str) -> None:
    assert {"age", "taken"} <= {*numbers(TABLE)}
    known = levels(TABLE, name)
    for level in range(LEVELS):
        chosen = evaluated(known.query(level), TABLE)
        np.testing.assert_array_equal(chosen, known.of_row == 1 + level)
    scale = number_scale(TABLE, None, (), name)
    assert sum(sum(bar.all) for bar in scale.bins) == 5
    assert scale.ticks[0][0] == {"age": "0", "taken": "2023-12-31"}[name]


def test_dates_within_a_day_have_steps_of_seconds() -> None:
    times = np.array([seconds_of(f"2024-01-05 12:00:{second:02d}") for second in range(40)], np.float64)
    close = replace(a_table([0] * 40), columns={"taken": Column("taken", "date", times)}, facts=FactsKey())
    known = levels(close, "taken")
    assert known.histogram(None).tolist() == [4] * LEVELS
    assert known.ticks[1] == "2024-01-05 12:00:04"


def test_columns_stand_in_saved_files(tmp_path: Path) -> None:
    save_table(tmp_path / "a.csv", TABLE, None, SILENT)
    lines = list(csv.DictReader((tmp_path / "a.csv").open(encoding="utf-8", newline="")))
    assert [line["age"] for line in lines] == ["40", "35.25", "", "71", "71", "8"]
    assert lines[3]["taken"] == "2024-01-05 12:00:00"
    assert [line["site"] for line in lines] == [SITE[0], "B", "", "B", SITE[0], "C"]
    assert lines[2]["note"] == "'=1+1"  # which a spreadsheet would run
    save_arrays(tmp_path / "a.npz", TABLE, np.array([0, 0, 1, 1, 0, 0], bool), SILENT)
    with np.load(tmp_path / "a.npz") as saved:
        np.testing.assert_array_equal(saved["age"], [NAN, 71])
        assert saved["taken"].tolist() == ["2024-03-01", "2024-01-05 12:00:00"]
        assert saved["site"].tolist() == ["", "B"]
        assert saved["note"].tolist() == ["=1+1", "two MOLES"]


def test_another_run_forgets_what_names_a_column() -> None:
    navigation = Navigation(["diagnose"])
    navigation.param.update(color="age", group="site", sort="-age")
    navigation.forget()
    assert (navigation.color, navigation.group, navigation.sort) == ("label", "", "")
    navigation.param.update(color="confidence", group="predicted", sort="margin")
    navigation.forget()
    assert (navigation.color, navigation.group, navigation.sort) == ("confidence", "predicted", "margin")


def test_an_image_tells_the_values_that_it_has() -> None:
    assert column_texts(TABLE, 0) == [
        "age 40",
        "taken 2024-01-05",
        f"site {SITE[0]}",
        "note A mole",
        "ill False",
    ]
    assert column_texts(TABLE, 2) == ["taken 2024-03-01", "note =1+1", "ill True"]
