"""Further columns: numbers, dates, categories and texts that people keep beside their images."""

import keyword
import re
import unicodedata
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Literal, NamedTuple, get_args

import numpy as np

from deepvid.config import names
from deepvid.data_check import kinds

Kind = Literal["number", "date", "category", "text"]
KINDS: tuple[Kind, ...] = get_args(Kind)

LONGEST_NAME = 40  # letters
DAY = 86_400  # seconds

RESERVED = frozenset(
    [
        *("true", "runner_up", "predicted", "wrong", "of_file", "confidence", "margin", "loss", "verdict"),
        *(
            "fidelity",
            "first_map",
            "student_verdict",
            "flips",
            "forgotten",
            "learned",
            "crossed",
            "marked",
            "mark",
            "remark",
            "index",
            "label",
            "error",
            "trust",
        ),
        *("explained", "worst", "nearest", "distance", "alike", "sample", "file", "image", "logits"),
        "class_names",
        *kinds.KINDS,
        "area_under_margin",
        "cause",
        "mode",
        *get_args(names.Cause),
    ]
)
"""Names that a query, a color, an order or a saved file has for something else."""

_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?)?", re.ASCII)


class Column(NamedTuple):
    """A value for each image, of one kind."""

    name: str  # as a query says it
    kind: Kind
    values: np.ndarray
    """(sample,): float64 of numbers, and of dates the seconds since 1970 (UTC), nan where there is none;
    int32 of a category, the index of its word, -1 where there is none; objects of texts, empty where none."""
    words: tuple[str, ...] = ()  # of a category
    title: str = ""  # its name in the table, where that is another one

    def rows(self, rows: np.ndarray) -> "Column":
        """The column of these images."""
        return self._replace(values=self.values[rows])


Columns = tuple[Column, ...]


def typed_name(title: str, others: Collection[str]) -> str:
    """A name like `title` that can stand in a query: a Python identifier that is none of `others`."""
    plain = unicodedata.normalize("NFKC", title).strip()[:LONGEST_NAME]
    name = re.sub(r"\W+", "_", plain).strip("_") or "column"
    if not name.isidentifier():
        name = f"_{name}"
    if keyword.iskeyword(name) or name in RESERVED:
        name = f"{name}_column"
    number = 2
    unique = name
    while unique in others:
        unique, number = f"{name}_{number}", number + 1
    return unique


def seconds_of(text: str) -> float | None:
    """Seconds since 1970 (UTC) of an ISO 8601 date, with a time or without; None of another text."""
    if _ISO.fullmatch(text) is None:
        return None
    try:
        when = datetime.fromisoformat(text)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def date_text(seconds: float) -> str:
    """The ISO 8601 date, and its time where that is no midnight."""
    when = np.datetime64(round(seconds), "s")
    return str(when.astype("datetime64[D]") if round(seconds) % DAY == 0 else when).replace("T", " ")
