"""A person's own pictures, listed in a CSV or Parquet file: path, and label and split if known."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepvid.datasets.contract import Pictures, Request
from deepvid.datasets.conversion import in_order
from deepvid.datasets.finding import user_path
from deepvid.datasets.pictures import Files, checksum, read_pictures
from deepvid.datasets.validation import checksum_of
from deepvid.errors import DataError, MissingExtraError
from deepvid.wording import first_few

_SPLITS = {"train": False, "training": False, "0": False, "false": False}
_SPLITS |= {"test": True, "testing": True, "1": True, "true": True}
_HEADER = "path,label or path,label,split"
_UNLABELED = "no column label in"


@dataclass(frozen=True)
class Table:
    """One row a picture; paths start from the table's folder."""

    name: str

    def read(self, request: Request) -> Pictures:
        path = user_path(self.name, request)
        columns = _columns(path)
        files = Files(
            columns["path"],
            columns.get("label"),
            in_order(columns.get("label", ())),
            _test(columns["split"], path) if "split" in columns else None,
            () if "label" in columns else _unread(path),
            _UNLABELED,
        )
        pictures = read_pictures(files, path.parent, _key(path), request)
        return pictures._replace(checksums={**checksum_of(path), **pictures.checksums})

    def checksums(self, request: Request) -> Mapping[str, str]:
        path = user_path(self.name, request)
        return {**checksum_of(path), _key(path): checksum(_columns(path)["path"], path.parent)}

    def labeled(self, request: Request) -> bool:
        return "label" in _columns(user_path(self.name, request))


def _key(path: Path) -> str:
    return f"pictures of {path.name}"


def _columns(path: Path) -> dict[str, list[str]]:
    """The columns that are known, as texts. Raises DataError, MissingExtraError."""
    if path.is_dir():
        raise DataError(
            "source = 'table' names a file", str(path), "Give a .csv or .parquet file of pictures"
        )
    header, rows = read_columns(path)
    names = [name.strip().lower() for name in header]
    if "path" not in names:
        raise DataError(
            f"A table of pictures has the columns {_HEADER}",
            f"{', '.join(header) or 'none'} in {path}",
            "Name the columns so: path is missing; without labels path alone will do",
        )
    known = [name for name in ("path", "label", "split") if name in names]
    return {name: _filled(name, names.index(name), rows, path) for name in known}


def _unread(path: Path) -> tuple[str, ...]:
    """A note of columns that may have been meant for labels."""
    header, _ = read_columns(path)
    others = [name for name in header if name.strip().lower() not in ("path", "split")]
    return (f"Columns that are not read: {', '.join(others)}",) if others else ()


def read_columns(path: Path) -> tuple[list[str], list[list[Any]]]:
    """Header and rows, of a CSV file as texts. Raises DataError, MissingExtraError."""
    return _parquet(path) if path.suffix.lower() in (".parquet", ".pq") else _csv(path)


def _filled(name: str, column: int, rows: Sequence[Sequence[Any]], path: Path) -> list[str]:
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


def _csv(path: Path) -> tuple[list[str], list[list[str]]]:
    """Header and rows, between commas, semicolons or tabs."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        first = text.partition("\n")[0]
        separator = max(",;\t", key=first.count)
        lines = [line for line in csv.reader(text.splitlines(), delimiter=separator) if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            "A table is CSV in UTF-8, or Parquet", f"{path}: {error}", "Save it again as CSV in UTF-8"
        ) from error
    return (lines[0], lines[1:]) if lines else ([], [])


def _parquet(path: Path) -> tuple[list[str], list[list[Any]]]:
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError(
            "Reading Parquet needs pyarrow", "no module named pyarrow", "Install it, or save the table as CSV"
        ) from error
    try:
        table = parquet.read_table(path)
    except (OSError, ValueError) as error:
        raise DataError("A table is CSV in UTF-8, or Parquet", f"{path}: {error}", "Save it again") from error
    columns = [column.to_pylist() for column in table.columns]
    return list(table.column_names), [list(row) for row in zip(*columns, strict=True)]


def _test(splits: list[str], path: Path) -> list[bool]:
    if odd := sorted({text for text in splits if text.lower() not in _SPLITS}):
        raise DataError(
            "`split` is train or test (or 0 or 1) in every row",
            f"{', '.join(odd[:5])} in {path}",
            "Correct it, leave those rows out, or leave the column out for a stratified split",
        )
    return [_SPLITS[text.lower()] for text in splits]
