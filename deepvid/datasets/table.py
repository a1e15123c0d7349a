"""A person's own pictures, in a CSV or Parquet file: path, label, split, and further columns."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from deepvid.columns import Columns
from deepvid.config.sections.dataset import PARQUET
from deepvid.datasets.columns import columns_from
from deepvid.datasets.contract import Pictures, Request
from deepvid.datasets.conversion import in_order
from deepvid.datasets.declared import FREE, require_plausible
from deepvid.datasets.finding import user_path
from deepvid.datasets.pictures import Files, checksum, read_pictures
from deepvid.datasets.splits import WORDS, Part, test_images
from deepvid.datasets.validation import checksum_of
from deepvid.errors import DataError, MissingExtraError
from deepvid.wording import enumeration, first_few

_HEADER = "path,label or path,label,split"
_COLUMNS = {
    "path": ("path", "filepath", "file_path", "filename", "file_name", "file", "image", "image_path"),
    "label": ("label", "class", "class_name", "target", "category"),
    "split": ("split", "subset"),
}
"""Of each column the names that people use for it, ours first."""

_UNLABELED = "no column label in"
_CELL, _BATCH = 8, 4096  # bytes, and rows of a Parquet file that are read at once


@dataclass(frozen=True)
class Table:
    """One row a picture; paths start from the table's folder."""

    name: str

    def read(self, request: Request) -> Pictures:
        path = user_path(self.name, request)
        columns, further, notes = _read(path)
        split = test_images(_parts(columns["split"], path)) if "split" in columns else None
        files = Files(
            columns["path"],
            columns.get("label"),
            in_order(columns.get("label", ())),
            split and split.test,
            (*notes, *(split.notes if split else ())),
            _UNLABELED,
        )
        pictures = read_pictures(files, path.parent, _key(path), request)
        rows = np.array(
            [row for row, name in enumerate(files.names) if name not in pictures.skipped], np.intp
        )
        return pictures._replace(
            checksums={**checksum_of(path), **pictures.checksums},
            columns=tuple(column.rows(rows) for column in further),
        )

    def checksums(self, request: Request) -> Mapping[str, str]:
        path = user_path(self.name, request)
        return {**checksum_of(path), _key(path): checksum(_read(path).columns["path"], path.parent)}

    def labeled(self, request: Request) -> bool:
        return "label" in _read(user_path(self.name, request)).columns

    def first_file(self, request: Request) -> Path | None:
        """The first picture; None where there is none."""
        path = user_path(self.name, request)
        names = _read(path).columns["path"]
        return path.parent / names[0] if names else None

    def further(self, request: Request) -> tuple[str, ...]:
        """Names of the further columns that `read` would give."""
        return tuple(column.name for column in _read(user_path(self.name, request)).further)


class _Rows(NamedTuple):
    """A table as it is read; rows without their pictures."""

    columns: Mapping[str, list[str]]  # path, label and split, as texts
    further: Columns
    notes: tuple[str, ...]


def _key(path: Path) -> str:
    return f"pictures of {path.name}"


def _read(path: Path) -> _Rows:
    """Raises DataError, MissingExtraError."""
    if path.is_dir():
        raise DataError(
            "source = 'table' names a file", str(path), "Give a .csv, .tsv or .parquet file of pictures"
        )
    header, rows = read_columns(path)
    names = [name.strip().lower() for name in header]
    place = {
        column: names.index(name)
        for column, aliases in _COLUMNS.items()
        if (name := next((alias for alias in aliases if alias in names), None)) is not None
    }
    if "path" not in place:
        raise DataError(
            f"A table of pictures has the columns {_HEADER}",
            f"{first_few(header) or 'none'} in {path}",
            "Name the columns so: path is missing; without labels path alone will do",
        )
    columns = {column: _filled(column, number, rows, path) for column, number in place.items()}
    others = [at for at in range(len(header)) if at not in place.values()]
    further, notes = columns_from(
        (header[at].strip(), [row[at] if at < len(row) else None for row in rows]) for at in others
    )
    return _Rows(columns, further, (*_notes(header, place), *notes))


def _notes(header: list[str], place: dict[str, int]) -> tuple[str, ...]:
    """Says which columns of other names are read."""
    renamed = [
        f"{header[at]} as {column}" for column, at in place.items() if header[at].strip().lower() != column
    ]
    unlabeled = "label" not in place and len(header) > len(place)
    return (
        *((f"Columns read: {enumeration(renamed)}",) if renamed else ()),
        *(("No column is read as label",) if unlabeled else ()),
    )


def read_columns(path: Path) -> tuple[list[str], list[list[Any]]]:
    """Header and rows, of a CSV file as texts. Raises DataError, MissingExtraError."""
    return _parquet(path) if path.suffix.lower() in PARQUET else rows_of_csv(path)


def _filled(name: str, column: int, rows: Sequence[Sequence[Any]], path: Path) -> list[str]:
    if any(isinstance(row[column], dict | bytes) for row in rows[:1] if column < len(row)):
        raise DataError(
            "A table names picture files",
            f"a {name} that is no text, as of a table with the pictures inside it, in {path}",
            "Write the pictures to files, and their names into the table",
        )
    texts = [
        str(row[column]).strip() if column < len(row) and row[column] is not None else "" for row in rows
    ]
    if empty := [number for number, text in enumerate(texts, 2) if not text]:
        lines = first_few([str(number) for number in empty])
        whole = ", or leave the column out: then no image has a label" if name == "label" else ""
        raise DataError(
            "Every row of a table is filled", f"no {name} in line {lines} of {path}", f"Add it{whole}"
        )
    return texts


def rows_of_csv(path: Path) -> tuple[list[str], list[list[str]]]:
    """Header and rows, between commas, semicolons or tabs."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        _require_no_json(text, path)
        first = text.partition("\n")[0]
        separator = max(",;\t", key=first.count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        lines = [line for line in reader if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            "A table is CSV in UTF-8, or Parquet", f"{path}: {error}", "Save it again as CSV in UTF-8"
        ) from error
    return (lines[0], lines[1:]) if lines else ([], [])


def _require_no_json(text: str, path: Path) -> None:
    if text.lstrip()[:1] in ("{", "["):
        raise DataError(
            "A table is CSV in UTF-8, or Parquet",
            f"{path}, which is JSON",
            f"Write its rows as a CSV file of {_HEADER}",
        )


def _parquet(path: Path) -> tuple[list[str], list[list[Any]]]:
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError(
            "Reading Parquet needs pyarrow", "no module named pyarrow", "Install it, or save the table as CSV"
        ) from error
    try:
        with parquet.ParquetFile(path) as file:
            return list(file.schema_arrow.names), _rows(file, path)
    except (OSError, ValueError) as error:
        raise DataError("A table is CSV in UTF-8, or Parquet", f"{path}: {error}", "Save it again") from error


def _rows(file: Any, path: Path) -> list[list[Any]]:
    """Of a Parquet file, a few at a time: one text of it may stand for a million rows."""
    form, packed, taken = file.metadata, path.stat().st_size, 0
    unpacked = sum(form.row_group(number).total_byte_size for number in range(form.num_row_groups))
    require_plausible(max(unpacked, _CELL * form.num_rows * max(form.num_columns, 1)), packed, str(path))
    rows: list[list[Any]] = []
    for batch in file.iter_batches(batch_size=min(max(FREE // max(unpacked, 1), 1), _BATCH)):
        columns = [
            column.dictionary_decode() if hasattr(column, "dictionary_decode") else column
            for column in batch.columns
        ]
        taken += sum(column.nbytes for column in columns)
        require_plausible(taken, packed, str(path))
        rows.extend(list(row) for row in zip(*(column.to_pylist() for column in columns), strict=True))
    return rows


def _parts(splits: list[str], path: Path) -> list[Part]:
    if odd := sorted({text for text in splits if text.lower() not in WORDS}):
        raise DataError(
            "`split` is train, validation or test (or 0 or 1) in every row",
            f"{first_few(odd)} in {path}",
            "Correct it, leave those rows out, or leave the column out for a stratified split",
        )
    return [WORDS[text.lower()] for text in splits]
