"""Marks as a table: what is known of each image, and nothing that a spreadsheet would run."""

import csv
import io
from dataclasses import replace

import pytest
from tables import a_table

from dashboards.data.saving import MARK_COLUMNS, csv_of
from deepvid.store import Mark

TIME = "2026-11-25T00:00:00+00:00"


def rows(table, marks):
    return list(csv.DictReader(io.StringIO(csv_of([table], marks), newline="")))


def test_a_line_says_what_is_known_of_an_image():
    table = replace(a_table([0, 1], [1, 1]), class_names=("coat", "shirt"))
    marks = {1: Mark(TIME, "", None), 0: Mark(TIME, 'a "collar", and\nbuttons', 1)}
    first, second = rows(table, marks)
    assert tuple(first) == MARK_COLUMNS
    assert (first["sample"], first["true class"], first["predicted"]) == ("0", "coat", "shirt")
    assert float(first["confidence"]) == pytest.approx(float(table.confidence[0]), rel=1e-5)
    assert (first["label"], first["remark"], first["time"]) == ("shirt", marks[0].remark, TIME)
    assert (second["sample"], second["label"], second["remark"]) == ("1", "", "")


def test_a_line_of_an_image_that_is_not_on_the_map_has_what_was_said_of_it():
    (row,) = rows(a_table([0, 1]), {9: Mark(TIME, "who knows", 7)})
    assert (row["sample"], row["true class"], row["label"], row["remark"]) == (
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
    assert row["true class"] == row["label"] == f"'{begin}1"
