"""Marks as a table: what is known of each image, and nothing that a spreadsheet would run."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tables import a_table

from dashboards.data.query import QueryError, evaluated, says_marks
from dashboards.data.saving import MARK_COLUMNS, csv_of, save_table
from deepvid.progress import SILENT
from deepvid.store import Mark

TIME = "2026-11-25T00:00:00+00:00"


def rows(table, marks):
    return list(csv.DictReader(io.StringIO(csv_of([table], marks), newline="")))


def test_a_line_says_what_is_known_of_an_image():
    table = replace(a_table([0, 1], [1, 1]), class_names=("coat", "shirt"))
    marks = {1: Mark(TIME, "", None), 0: Mark(TIME, 'a "collar", and\nbuttons', 1)}
    first, second = rows(table, marks)
    assert tuple(first) == MARK_COLUMNS
    assert (first["sample"], first["was"], first["predicted"]) == ("0", "coat", "shirt")
    assert float(first["confidence"]) == pytest.approx(float(table.confidence[0]), rel=1e-5)
    assert (first["label"], first["remark"], first["time"]) == ("shirt", marks[0].remark, TIME)
    assert (second["sample"], second["label"], second["remark"]) == ("1", "", "")


def test_a_line_of_an_image_that_is_not_on_the_map_has_what_was_said_of_it():
    (row,) = rows(a_table([0, 1]), {9: Mark(TIME, "who knows", 7)})
    assert (row["sample"], row["was"], row["label"], row["remark"]) == (
        "9",
        "",
        "",
        "who knows",
    )


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_is_a_formula(begin):
    table = replace(a_table([0]), class_names=(f"{begin}1", "b", "c"))
    (row,) = rows(table, {0: Mark(TIME, f"{begin}cmd|' /C calc'!A0", 0)})
    assert row["remark"] == f"'{begin}cmd|' /C calc'!A0"
    assert row["was"] == row["label"] == f"'{begin}1"


def test_marks_are_words_of_a_query_and_columns_of_a_table_where_there_are_any(tmp_path: Path) -> None:
    table = a_table([0, 1, 2, 1], [0, 1, 2, 1])
    marked = table.with_marks({1: Mark(TIME, "the <b>hole</b> is filled", 2), 3: Mark(TIME, "", None)})
    rows = {
        query: np.flatnonzero(evaluated(query, marked)).tolist()
        for query in ("marked", "not marked", 'mark == "c2"', 'mark != "c2"', '"HOLE" in remark')
    }
    assert rows == {
        "marked": [1, 3], "not marked": [0, 2], 'mark == "c2"': [1], 'mark != "c2"': [],
        '"HOLE" in remark': [1],
    }  # fmt: skip
    assert not evaluated("marked", table).any()
    with pytest.raises(QueryError, match="mark, which is said of no image yet"):
        evaluated('mark == "c2"', table)
    assert says_marks("wrong and not marked")
    assert not says_marks('"marked" in hospital')
    for one, heads in ((table, 0), (marked, 3)):
        save_table(tmp_path / "images.csv", one, None, SILENT)
        head = (tmp_path / "images.csv").read_text().splitlines()[0].split(",")
        assert len({"marked", "mark", "remark"} & set(head)) == heads


def test_a_label_that_is_right_is_said_by_its_class_and_is_not_marked_as_wrong() -> None:
    table = a_table([0, 1, 2], [0, 1, 2])
    marks = {0: Mark(TIME, "yes", 0, right=True), 1: Mark(TIME, "", 0), 2: Mark(TIME, "", None)}
    marked, queries = table.with_marks(marks), ("marked", "mark == true", 'mark == "c0"', '"yes" in remark')
    rows_of = [np.flatnonzero(evaluated(query, marked)).tolist() for query in queries]
    assert rows_of == [[1, 2], [0], [0, 1], [0]]
    assert [(line["was"], line["label"]) for line in rows(table, marks)] == [
        ("c0", "c0"),
        ("c1", "c0"),
        ("c2", ""),
    ]


def test_the_file_has_training_images_too() -> None:
    test, training = a_table([0, 1], [0, 1]), a_table([2, 2, 0, 1], [2, 0, 0, 1])
    test = replace(test, row_of_sample=np.array([-1, -1, 0, 1], np.int32))
    training = replace(training, split="training", row_of_sample=np.array([0, 1, -1, -1], np.int32))
    marks = {1: Mark(TIME, "", 0), 2: Mark(TIME, "", None)}
    lines = list(csv.DictReader(io.StringIO(csv_of([test, training], marks), newline="")))
    told = [(line["sample"], line["split"], line["was"], line["label"]) for line in lines]
    assert told == [("1", "training", "c2", "c0"), ("2", "test", "c0", "")]
