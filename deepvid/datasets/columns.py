"""Kinds of further columns: each is decided by all values of the column, and said in a note."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from deepvid.columns import Column, Columns, seconds_of, typed_name
from deepvid.datasets.declared import FREE
from deepvid.errors import DataError
from deepvid.wording import first_few, shorten, size

MOST = 64  # columns
MOST_WORDS, LONGEST_WORD = 64, 60  # of a category: words, and letters of one
LONGEST_TEXT = 500  # letters
TEXT = "text"  # name of the column that a classifier reads
_TOLD = 12  # columns in a note

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf(inity)?", re.ASCII | re.IGNORECASE)
_IDENTIFIER = re.compile(r"[+-]?(0\d.*|\d{16,})", re.ASCII)  # zeros before it, or digits that a float loses
_BLANK = frozenset({"", "na", "n/a", "nan", "nat", "null", "none", "<na>"})  # among numbers and dates
_MISSING = frozenset(
    {"nan", "nat", "<na>"}
)  # in words too: no program writes them for something that is there


def columns_from(given: Iterable[tuple[str, Any]]) -> tuple[Columns, tuple[str, ...]]:
    """Columns of (title, values (sample,)), and notes on what became of them.

    A column is of numbers where each value is one, of dates where each is of ISO 8601, of a category where it
    has at most 64 different texts and each twice on average, and else of texts. What is none of these, or too
    much, is passed over.
    """
    columns: list[Column] = []
    passed: list[str] = []
    room = FREE
    for title, values in given:
        found = f"over {MOST} columns" if len(columns) == MOST else _column(values)
        if not isinstance(found, str) and found.kind == "text":
            width = max(len(text.encode(errors="surrogateescape")) for text in found.values.tolist())
            needed = width * len(found.values)
            found = f"texts of {size(needed)}" if needed > room else found
            room -= 0 if isinstance(found, str) else needed
        if isinstance(found, str):
            passed.append(f"{shorten(title, 60)} ({found})")
            continue
        name = typed_name(title, {column.name for column in columns})
        columns.append(found._replace(name=name, title="" if name == title else shorten(title, 80)))
    return tuple(columns), _notes(columns, passed)


def text_column(texts: Any, rows: int) -> tuple[Column, tuple[str, ...]]:
    """Column of the texts that a classifier reads, one a sample; longer ones are cut, which a note says.

    Raises DataError for what are no texts, for another number of them, and where they take too much room.
    """
    must = f"texts are one for each of the {rows:,} labels"
    listed = [] if isinstance(texts, str | bytes) or not isinstance(texts, Iterable) else list(texts)
    if len(listed) != rows:
        found = type(texts).__name__ if not listed else f"{len(listed):,}"
        raise DataError(must, found, "Give them in the order of the labels, as a list")
    if strange := next((one for one in listed if not isinstance(one, str)), None):
        raise DataError(must, f"{type(strange).__name__} among them", "Give each as a str")
    cut = sum(len(text) > LONGEST_TEXT for text in listed)
    kept = [
        _readable(text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…") for text in listed
    ]
    needed = rows * max(len(text.encode()) for text in kept)
    if needed > FREE:
        raise DataError(
            f"{rows:,} texts take at most {size(FREE)}", size(needed), "Give shorter ones, or fewer"
        )
    notes = (f"{cut:,} texts are cut after {LONGEST_TEXT} letters",) if cut else ()
    return Column(TEXT, "text", np.array(kept, object)), notes


def _readable(text: str) -> str:
    """With signs for the unknown in place of what UTF-8 has no bytes for, and of 0, which ends a text."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


def columns_of_frame(frame: Any, rows: int) -> tuple[Columns, tuple[str, ...]]:
    """The same of a pandas frame, a dict of lists or arrays, or an xarray Dataset with one value an image.

    Raises DataError for what is no such thing, and for another number of rows.
    """
    must = "meta is a frame, a dict or a Dataset: by the name of each column one value an image"
    names = (
        list(getattr(frame, "columns", frame))
        if isinstance(frame, Mapping) or hasattr(frame, "columns")
        else None
    )
    if names is None:
        raise DataError(must, type(frame).__name__, "Give a pandas DataFrame, or {name: values}")
    given = []
    for name in names:
        values = frame[name]
        if hasattr(values, "detach"):  # PyTorch
            values = values.detach().cpu().numpy()
        array = np.asarray(values) if hasattr(values, "__array__") else _objects(values)
        if array.shape != (rows,):
            raise DataError(
                f"{must}, here {rows:,}",
                f"{shorten(str(name), 60)!r} of shape {array.shape}",
                "Give a value for each image, in the order of the images; None where there is none",
            )
        given.append((str(name), array))
    return columns_from(given)


def _objects(values: Any) -> np.ndarray:
    """(sample,) of any objects; of what is no sequence, shape ()."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        return np.array(None)
    listed = list(values)
    array = np.empty(len(listed), object)
    array[:] = listed
    return array


def _column(values: Sequence[Any] | np.ndarray) -> Column | str:
    """The column, without a name; or why it is passed over."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "fiu":
        return _filled(Column("", "number", values.astype(np.float64)))
    if isinstance(values, np.ndarray) and values.dtype.kind == "m":
        return _filled(Column("", "number", values / np.timedelta64(1, "s")))
    cells = [_text(value) for value in _python(values)]
    if None in cells:
        return "no numbers, dates or texts"
    texts = [text or "" for text in cells]
    parsed = _numbers(texts) or _dates(texts)
    return (
        _filled(parsed) if parsed else _words(["" if text.casefold() in _MISSING else text for text in texts])
    )


def _filled(column: Column) -> Column | str:
    return "empty" if np.isnan(column.values).all() else column


def _python(values: Sequence[Any] | np.ndarray) -> Sequence[Any]:
    if isinstance(values, np.ndarray):
        if values.dtype.kind == "M":
            values = values.astype("datetime64[us]")
        return list(values.tolist())
    return values


def _text(value: Any) -> str | None:
    """The text of a cell, empty where there is none; None of what is no text, number or date."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, date):  # and a time with it
        return value.isoformat()
    if isinstance(value, dict | list | tuple | set | bytes | np.ndarray):
        return None
    return str(value).strip()


def _numbers(texts: list[str]) -> Column | None:
    numbers = np.full(len(texts), np.nan)
    for row, text in enumerate(texts):
        if text.casefold() in _BLANK:
            continue
        if not _NUMBER.fullmatch(text) or _IDENTIFIER.fullmatch(text):
            return None
        numbers[row] = float(text)
    return Column("", "number", numbers)


def _dates(texts: list[str]) -> Column | None:
    seconds = np.full(len(texts), np.nan)
    for row, text in enumerate(texts):
        if text.casefold() in _BLANK:
            continue
        if (when := seconds_of(text)) is None:
            return None
        seconds[row] = when
    return Column("", "date", seconds)


def _words(texts: list[str]) -> Column | str:
    distinct = sorted(set(texts) - {""})
    filled = sum(map(bool, texts))
    longest = max(map(len, distinct), default=0)
    if len(distinct) <= min(MOST_WORDS, filled // 2) and longest <= LONGEST_WORD:
        number_of = {"": -1, **{word: number for number, word in enumerate(distinct)}}
        return Column(
            "", "category", np.array([number_of[text] for text in texts], np.int32), tuple(distinct)
        )
    if longest > LONGEST_TEXT:
        return f"texts over {LONGEST_TEXT} letters"
    return Column("", "text", np.array(texts, object))


def _notes(columns: Sequence[Column], passed: Sequence[str]) -> tuple[str, ...]:
    named = [
        f"{column.name} ({_kind(column)}{f', of {column.title!r}' if column.title else ''})"
        for column in columns
    ]
    return (
        *((f"Columns kept: {first_few(named, _TOLD)}",) if named else ()),
        *((f"Columns passed over: {first_few(passed, _TOLD)}",) if passed else ()),
    )


def _kind(column: Column) -> str:
    return f"category of {len(column.words)}" if column.kind == "category" else column.kind
