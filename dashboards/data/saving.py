"""Files that other programs read: a selection, and people's marks on labels."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from dashboards.data.population import Mask, Population
from dashboards.data.values import MARKS, Value, vocabulary
from deepvid.columns import Column, date_text
from deepvid.errors import DataError
from deepvid.progress import Progress
from deepvid.store import Mark
from deepvid.wording import harmless

MARK_COLUMNS = (
    "sample", "file", "split", "label", "was", "predicted", "confidence", "remark", "time",
)  # fmt: skip
LONGEST_REMARK = 500  # letters of a remark


def csv_of(tables: Sequence[Population], marks: Mapping[int, Mark]) -> str:
    """CSV, one line a mark, in the order of their samples: the `label` that it should have, which it `was`
    given, the same where it is right; what is not known is empty. `dataset.leave_out` reads it, which leaves
    out those that are wrong, and `dataset.labels` where each has one.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(MARK_COLUMNS)
    for sample, mark in sorted(marks.items()):
        table = next((one for one in tables if one.row_of(sample) is not None), tables[0])
        writer.writerow([sample, *map(harmless, _facts(table, sample, mark))])
    return text.getvalue()


def _facts(table: Population, sample: int, mark: Mark) -> list[str]:
    names, row = table.class_names, table.row_of(sample)
    was = predicted = confidence = file = split = ""
    if row is not None:
        split = table.split
        was = names[table.label[row]] if table.labeled else ""
        file = table.file_names.of([sample])[0] if table.file_names else ""
        said = table.predictions
        if said is not None and said.predicted[row] >= 0:
            predicted, confidence = names[said.predicted[row]], f"{said.confidence[row]:.6g}"
    suggested = names[mark.label] if mark.label is not None and 0 <= mark.label < len(names) else ""
    return [file, split, suggested, was, predicted, confidence, mark.remark, mark.time]


LARGEST = 2**29
"""Bytes of images in a file of arrays; they are written from memory."""
_CHUNK = 1 << 16  # rows


def save_table(path: Path, table: Population, mask: Mask | None, progress: Progress) -> None:
    """CSV, one line an image of the mask (None: all) by index: its file, and the values that are known."""
    rows = _rows(table, mask)
    known = {
        name: value
        for name, value in vocabulary(table).items()
        if value.there(table) and name != "index" and (table.marks or name not in MARKS)
    }
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sample", *(["file"] if table.file_names else []), *known])
        for begin in range(0, len(rows), _CHUNK):
            progress.update(begin, len(rows), "images")
            part = rows[begin : begin + _CHUNK]
            samples = table.samples[part].tolist()
            files = [map(harmless, table.file_names.of(samples))] if table.file_names else []
            columns = (_texts(np.asarray(value.read(table))[part], value, table) for value in known.values())
            writer.writerows(zip(samples, *files, *columns, strict=True))


def _texts(values: np.ndarray, value: Value, table: Population) -> list[str]:
    """As words, by their index; numbers with six digits, those of columns with all that they have."""
    if words := value.words(table):
        harmless_words = [*map(harmless, words), ""]  # the last one is that of -1, not known
        return [harmless_words[index] for index in values.astype(int).tolist()]
    if value.kind == "text":
        return [harmless(text) for text in values.tolist()]
    digits = 15 if values.dtype == np.float64 else 6
    write = date_text if value.kind == "date" else f"{{:.{digits}g}}".format
    return ["" if np.isnan(number) else write(number) for number in values.tolist()]


def save_arrays(path: Path, table: Population, mask: Mask | None, progress: Progress) -> None:
    """NumPy's .npz of the mask's images (None: all), by index: `sample`, `label` (without labels
    `runner_up`) and `class_names`, where the run has them `image` uint8 (sample, y, x, channel) and further
    columns by their names, and with a teacher `predicted`, `confidence` and `logits`.

    Raises DataError for images beyond `LARGEST`.
    """
    rows = _rows(table, mask)
    progress.update(0, 1, "images")
    arrays = {
        "sample": table.samples[rows],
        "label" if table.labeled else "runner_up": table.label[rows],
        "class_names": np.array(table.class_names),
    }
    if table.pictured:
        if (size := len(rows) * int(np.prod(table.image_shape))) > LARGEST:
            raise DataError(
                f"A file of arrays holds {LARGEST / 1e6:.0f} MB of images",
                f"{len(rows):,} images of {size / 1e6:,.0f} MB",
                "Select fewer, or save the table and read the images of the run",
            )
        arrays["image"] = table.images(rows)
    arrays |= {name: _array(column.rows(rows)) for name, column in table.columns.items()}
    said = table.predictions
    if said is not None:
        seen = said.source[rows] >= 0
        logits = np.full((len(rows), table.class_count), np.nan, np.float32)
        logits[seen] = said.logits[said.source[rows[seen]]].to_numpy()
        arrays |= {"predicted": said.predicted[rows], "confidence": said.confidence[rows], "logits": logits}
    np.savez_compressed(path, **arrays)


def _array(column: Column) -> np.ndarray:
    """Numbers as they are, all else as texts that need no pickle."""
    if column.kind == "number":
        return column.values
    if column.kind == "category":
        return np.array([*column.words, ""])[column.values]
    texts = column.values.tolist()
    if column.kind == "date":
        texts = ["" if np.isnan(seconds) else date_text(seconds) for seconds in texts]
    return np.array(texts, np.str_)


SAVES: dict[str, Callable[[Path, Population, Mask | None, Progress], None]] = {
    "csv": save_table,
    "npz": save_arrays,
}
"""By the end of the file's name."""


def _rows(table: Population, mask: Mask | None) -> np.ndarray:
    """int (row,): those of the mask, by their samples."""
    rows = np.arange(table.rows) if mask is None else np.flatnonzero(mask)
    return rows[np.argsort(table.samples[rows], kind="stable")]
