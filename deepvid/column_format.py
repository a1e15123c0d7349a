"""Further columns as the stage `dataset` stores them: its variables, and the attribute that names them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from deepvid.columns import KINDS, Column, Columns
from deepvid.store import texts_as_bytes, texts_from_bytes

ATTRIBUTE = "table_columns"
READ = "text_column"
"""The attribute that names the column of texts which the classifier reads in the place of images."""


def pack_columns(columns: Columns) -> tuple[dict[str, np.ndarray], list[dict[str, Any]]]:
    """Variables by name, and the attribute: a line a column, in their order."""
    numbers: list[np.ndarray] = []
    categories: list[np.ndarray] = []
    texts: list[np.ndarray] = []
    lines: list[dict[str, Any]] = []
    for column in columns:
        line: dict[str, Any] = {"name": column.name, "kind": column.kind}
        if column.title:
            line["title"] = column.title
        if column.kind == "text":
            packed = texts_as_bytes(column.values.tolist())
            line |= {"at": sum(one.shape[1] for one in texts), "width": packed.shape[1]}
            texts.append(packed)
        elif column.kind == "category":
            line |= {"at": len(categories), "words": list(column.words)}
            categories.append(column.values)
        else:
            line |= {"at": len(numbers)}
            numbers.append(column.values)
        lines.append(line)
    arrays = {
        **({"number": np.stack(numbers, axis=1)} if numbers else {}),
        **({"category": np.stack(categories, axis=1)} if categories else {}),
        **({"text": np.concatenate(texts, axis=1)} if texts else {}),
    }
    return arrays, lines


def unpack_columns(dataset: xr.Dataset, samples: np.ndarray) -> Columns:
    """The columns of a stored data set, for the images of these indices; none of an older run.

    Columns that a foreign archive names and has no values for are left out.
    """
    columns = (_unpacked(dataset, line, samples) for line in dataset.attrs.get(ATTRIBUTE, []))
    return tuple(column for column in columns if column is not None)


def texts_read(dataset: xr.Dataset) -> xr.DataArray | None:
    """uint8 (sample, text_byte): what the classifier reads, in UTF-8; None: it sees images."""
    name = dataset.attrs.get(READ)
    for line in dataset.attrs.get(ATTRIBUTE, []):
        if line["name"] == name and line["kind"] == "text" and "text" in dataset:
            at, width = line["at"], line["width"]
            return dataset["text"][:, at : at + width] if at + width <= dataset["text"].shape[1] else None
    return None


def _unpacked(dataset: xr.Dataset, line: Mapping[str, Any], samples: np.ndarray) -> Column | None:
    kind, at, width = line["kind"], line["at"], line.get("width", 1)
    variable = kind if kind in ("category", "text") else "number"
    there = kind in KINDS and variable in dataset and 0 < width <= dataset[variable].shape[1] - at
    words = tuple(line.get("words", ()))
    if not there or (kind == "category") != bool(words):
        return None
    values = dataset[variable][:, at : at + width].to_numpy()[samples]
    if kind == "text":
        values = np.array(texts_from_bytes(values), object)
    elif kind == "category":
        values = np.where(values[:, 0] < len(words), np.maximum(values[:, 0], -1), -1).astype(np.int32)
    else:
        values = values[:, 0].astype(np.float64)
    return Column(line["name"], kind, values, words, line.get("title", ""))
