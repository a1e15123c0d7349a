"""Further columns of a table: their kinds, names and limits, and that each value stays with its image."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from PIL import Image

from deepvid.columns import LONGEST_NAME, RESERVED, date_text, seconds_of, typed_name
from deepvid.config import Dataset
from deepvid.datasets import load
from deepvid.datasets.columns import LONGEST_TEXT, MOST, MOST_WORDS, columns_from, columns_of_frame
from deepvid.errors import DataError

NAN = float("nan")


def column(*values: Any) -> Any:
    (found,), _ = columns_from([("x", list(values))])
    return found


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1", "-2.5", ".5", "3e2", "+4."], [1, -2.5, 0.5, 300, 4]),
        (["1", "", "NA", "n/a", "NaN", "null", "2"], [1, NAN, NAN, NAN, NAN, NAN, 2]),
        ([1, 2.5, None, NAN, Decimal("4")], [1, 2.5, NAN, NAN, 4]),
        (["0", "0.5", "inf", "-Infinity"], [0, 0.5, np.inf, -np.inf]),
    ],
)
def test_a_column_of_numbers_is_one_where_each_is_a_number(cells: list[Any], values: list[float]) -> None:
    found = column(*cells)
    assert found.kind == "number"
    np.testing.assert_array_equal(found.values, values)


def test_identifiers_are_no_numbers() -> None:
    """007 would lose its zeros, and 2**60 + 1 its last digits."""
    assert column("007", "008").kind == "text"
    assert column(str(2**60 + 1), "5").values.tolist() == [str(2**60 + 1), "5"]
    assert column("1_000", "2").kind == "text"  # Python would read a number


@pytest.mark.parametrize(
    ("cells", "seconds"),
    [
        (["1970-01-02", "", "1969-12-31"], [86_400, NAN, -86_400]),
        (["1970-01-01T00:00:01Z", "1970-01-01 02:00:00.5+02:00"], [1, 0.5]),
        ([date(1970, 1, 3), datetime(1970, 1, 1, 1), None], [172_800, 3_600, NAN]),
    ],
)
def test_dates_are_seconds_since_1970(cells: list[Any], seconds: list[float]) -> None:
    found = column(*cells)
    assert found.kind == "date"
    np.testing.assert_array_equal(found.values, seconds)


def test_dates_come_back_as_they_are_written() -> None:
    for text in ("2024-02-29", "1969-07-20", "2024-02-29 12:30:00"):
        assert date_text(seconds_of(text)) == text  # type: ignore[arg-type]
    for text in ("2024-02-30", "20240229", "2024-W09", "29.02.2024", "12:30", "2024"):
        assert seconds_of(text) is None, text
    assert column("2024-02-30", "2024-02-28").kind == "text"


def test_few_texts_that_come_again_are_a_category() -> None:
    found = column("b", "a", "", "b", "a", None, " a ")
    assert (found.kind, found.words) == ("category", ("a", "b"))
    assert found.values.tolist() == [1, 0, -1, 1, 0, -1, 0]
    assert column("none", "ruler", "none", "ruler").words == ("none", "ruler")  # a word, not a gap
    assert column(True, False, True, None, False).words == ("False", "True")
    assert column("a", "b", "c").values.tolist() == ["a", "b", "c"]
    many = [f"w{number}" for number in range(MOST_WORDS)]
    assert column(*many, *many).kind == "category"
    assert column(*many, *many, "w", "w").kind == "text"


def test_what_is_too_much_or_no_value_is_passed_over_and_said() -> None:
    given = [
        ("empty", ["", ""]),
        ("list", [[1], [2]]),
        ("bytes", [b"a", b"b"]),
        ("long", ["x" * (LONGEST_TEXT + 1), "y"]),
        *((f"n{number}", ["1", "2"]) for number in range(MOST + 2)),
    ]
    found, notes = columns_from(given)
    assert [one.name for one in found] == [f"n{number}" for number in range(MOST)]
    assert notes[0].startswith("Columns kept: n0 (number), n1 (number)")
    assert notes[0].endswith("and 52 more")
    assert notes[1] == (
        "Columns passed over: empty (empty), list (no numbers, dates or texts), bytes (no numbers, dates or "
        "texts), long (texts over 500 letters), n64 (over 64 columns), n65 (over 64 columns)"
    )


def test_texts_of_many_images_are_bounded() -> None:
    rows = 600_000
    texts = np.full(rows, "", object)
    texts[0], texts[1:] = "x" * 500, [str(number) + "_" for number in range(rows - 1)]
    found, notes = columns_from([("caption", texts), ("short", texts[1:])])
    assert [one.name for one in found] == ["short"]
    assert notes[1] == "Columns passed over: caption (texts of 300 MB)"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("age", "age"),
        ("patient id", "patient_id"),
        ("2nd reader", "_2nd_reader"),
        ("Größe (µm)", "Größe_μm"),
        ("class", "class_column"),
        ("wrong", "wrong_column"),
        ("None", "None_column"),
        ("?!", "column"),
        ("", "column"),
        ("x" * 10**5, "x" * LONGEST_NAME),
    ],
)
def test_a_name_can_be_typed(title: str, name: str) -> None:
    assert typed_name(title, ()) == name
    assert typed_name(title, {name}) == f"{name}_2"
    assert name not in RESERVED


def test_a_name_that_is_changed_is_said() -> None:
    found, notes = columns_from(
        [("patient id", ["1", "2"]), ("patient-id", ["a", "b"]), ("wrong", ["1", "0"])]
    )
    assert [(one.name, one.title) for one in found] == [
        ("patient_id", "patient id"),
        ("patient_id_2", "patient-id"),
        ("wrong_column", "wrong"),
    ]
    assert notes == (
        "Columns kept: patient_id (number, of 'patient id'), patient_id_2 (text, of 'patient-id'), "
        "wrong_column (number, of 'wrong')",
    )


FRAME = pd.DataFrame(
    {
        "age": [41, 52, 63, 74],
        "ill": [True, False, True, False],
        "site": pd.Categorical(["a", None, "a", "a"]),
        "taken": pd.to_datetime(["2024-01-01", None, "2024-01-03", "2024-01-04 10:00"], format="ISO8601"),
        "dose": pd.array([1, None, 3, 4], "Int64"),
    },
    index=[3, 2, 1, 0],
)


@pytest.mark.parametrize(
    "frame",
    [
        FRAME,
        {name: FRAME[name] for name in FRAME},
        xr.Dataset({name: ("image", FRAME[name].to_numpy()) for name in FRAME}),
        {name: FRAME[name].astype(object).tolist() for name in FRAME},
    ],
)
def test_frames_dicts_and_data_sets_are_read_row_by_row(frame: Any) -> None:
    columns, _ = columns_of_frame(frame, 4)
    found = {one.name: one for one in columns}
    assert {name: one.kind for name, one in found.items()} == {
        **{"age": "number", "ill": "category", "site": "category", "taken": "date", "dose": "number"}
    }
    assert found["age"].values.tolist() == [41, 52, 63, 74]
    assert found["ill"].values.tolist() == [1, 0, 1, 0]
    assert found["site"].values.tolist() == [0, -1, 0, 0]
    np.testing.assert_array_equal(found["dose"].values, [1, NAN, 3, 4])
    assert date_text(found["taken"].values[3]) == "2024-01-04 10:00:00"
    assert np.isnan(found["taken"].values[1])


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ({"age": [1, 2, 3]}, "'age' of shape (3,)"),
        ({"age": 5}, "'age' of shape ()"),
        ({"age": np.zeros((4, 2))}, "'age' of shape (4, 2)"),
        ({"age": "four"}, "'age' of shape ()"),
        (FRAME[["age", "age"]], "'age' of shape (4, 2)"),
        ([1, 2, 3, 4], "list"),
        (np.zeros(4), "ndarray"),
    ],
)
def test_what_are_no_columns_of_the_images_is_refused(frame: Any, words: str) -> None:
    with pytest.raises(DataError) as raised:
        columns_of_frame(frame, 4)
    assert words in raised.value.found
    assert raised.value.must.startswith("meta is a frame, a dict or a Dataset")


COUNT = 24


def pictures(folder: Path, ending: str = "csv", **rows: str) -> Path:
    """A table of pictures whose gray is their number, as one of its columns is."""
    lines = [["file", "gray", "site", "class", "note", "split"]]
    for number in range(COUNT):
        Image.new("L", (10, 10), number + 1).save(folder / f"{number}.png")
        split = "test" if number % 3 == 0 else "train"
        site = "" if number == 5 else f"s{number % 4}"
        lines.append(
            [f"{number}.png", str(number + 1), site, f"c{number % 2}", f"no. {number + 1}, \u2028", split]
        )
    path = folder / f"list.{ending}"
    frame = pd.DataFrame(lines[1:], columns=lines[0])
    if ending == "parquet":
        frame.astype({"gray": float}).to_parquet(path)
    else:
        frame.to_csv(path, index=False, sep="\t" if ending == "tsv" else ",")
    return path


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet"])
@pytest.mark.parametrize("settings", [{}, {"swap": True}, {"train": 6, "test": 4}])
def test_each_value_stays_with_its_image(tmp_path: Path, ending: str, settings: dict[str, Any]) -> None:
    if ending == "parquet":
        pytest.importorskip("pyarrow")
    path = pictures(tmp_path, ending)
    (tmp_path / "7.png").write_bytes(b"no picture")
    data = load(Dataset(source="table", path=path, skip_unreadable=True, **settings), seed=3)
    gray, site, note = data.columns
    assert (gray.kind, site.kind, note.kind) == ("number", "category", "text")
    assert data.images[:, 0, 0, 0].tolist() == gray.values.tolist()
    assert [f"{int(value) - 1}.png" for value in gray.values] == list(data.files or ())
    assert note.values.tolist() == [f"no. {int(value)}," for value in gray.values]
    expected = [-1 if value == 6 else (int(value) - 1) % 4 for value in gray.values]
    assert site.values.tolist() == expected
    assert "Columns kept: gray (number), site (category of 4), note (text)" in data.notes
    assert 8 not in gray.values  # of the picture that cannot be read
