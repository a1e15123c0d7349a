"""Labels that a person has corrected, and images to leave out: CSV files with a line an image."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from deepvid.config import Dataset
from deepvid.datasets.contract import ImageData, Rows
from deepvid.datasets.table import rows_of_csv
from deepvid.datasets.validation import checksum_of
from deepvid.errors import DataError
from deepvid.wording import enumeration, first_few

KEYS = ("sample", "file")
LABEL, WAS = "label", "was"


class _Lines(NamedTuple):
    """Lines of a file: images of the data set without corrections, and their labels."""

    samples: list[int]
    labels: list[str]
    was: list[str]  # labels before

    @property
    def wrong(self) -> list[int]:
        """All samples but those whose label is what it was: a person found it right."""
        if not self.labels or not self.was:
            return self.samples
        lines = zip(self.samples, self.labels, self.was, strict=True)
        return [sample for sample, label, was in lines if not label or label != was]


def checksums(config: Dataset, beside: Path | None) -> dict[str, str]:
    """sha256 of each file of corrections under its name. Raises OSError for one that is not there."""
    found: dict[str, str] = {}
    for path in (config.labels, config.leave_out):
        if path is not None:
            found |= checksum_of(_found(path, beside))
    return found


def with_corrections(data: ImageData, config: Dataset, beside: Path | None) -> ImageData:
    """The images with corrected labels, less those to leave out. Raises DataError for files, images and
    classes that are not there.
    """
    if config.labels is None and config.leave_out is None:
        return data
    try:
        data = data._replace(checksums={**data.checksums, **checksums(config, beside)})
        if config.labels is not None:
            data = _relabeled(data, _lines(_found(config.labels, beside), data, (LABEL,)), config.labels)
        if config.leave_out is None:
            return data
        return _without(data, _lines(_found(config.leave_out, beside), data, ()).wrong)
    except OSError as error:
        raise DataError("Files of corrections can be read", str(error), "Correct dataset.labels") from error


def _found(path: Path, beside: Path | None) -> Path:
    """From the current folder, or from that of the experiment."""
    path = path.expanduser()
    return path if path.exists() or beside is None else beside / path


def _lines(path: Path, data: ImageData, needed: Sequence[str]) -> _Lines:
    header, lines = rows_of_csv(path)
    key = next((name for name in KEYS if name in header), None)
    if key is None or not set(needed) <= set(header):
        raise DataError(
            f"{path.name} has the columns {enumeration(['sample or file', *needed])}",
            first_few(header) or "no line",
            "Write it with deepvid doubts RUN -o labels.csv, and delete lines that you do not agree with",
        )
    columns = [[line[at].strip() if at < len(line) else "" for line in lines] for at in range(len(header))]
    texts = columns[header.index(key)]
    known = {str(number): number for number in range(len(data.images))}
    if key == "file":
        known = {name: number for number, name in enumerate(data.files or ())}
    if absent := [text for text in texts if text not in known]:
        raise DataError(
            f"{path.name} names images of the data set, by their {key}",
            first_few(absent),
            "Use the numbers and files of a run of the same data set without corrections",
        )
    samples = [known[text] for text in texts]
    if twice := [text for text, times in Counter(texts).items() if times > 1]:
        raise DataError(f"{path.name} names every image once", f"{first_few(twice)} twice", "Delete a line")
    return _Lines(samples, *(columns[header.index(name)] if name in header else [] for name in (LABEL, WAS)))


def _relabeled(data: ImageData, lines: _Lines, path: Path) -> ImageData:
    if data.labels is None:
        raise DataError(
            "Labels are corrected of images that have some", "images without labels", "Label them"
        )
    place = {name: number for number, name in enumerate(data.class_names)}
    if unknown := sorted({label for label in lines.labels if label not in place}):
        raise DataError(
            f"Labels of {path.name} are classes of the data set: {first_few(list(data.class_names))}",
            first_few(unknown),
            "Correct the names",
        )
    labels = data.labels.copy()
    labels[lines.samples] = [place[label] for label in lines.labels]
    changed = int((labels != data.labels).sum())
    note = f"{changed:,} labels are corrected by {path.name}"
    return data._replace(labels=labels, original=data.labels, notes=(*data.notes, note))


def _without(data: ImageData, samples: Sequence[int]) -> ImageData:
    """The others, in their order."""
    left = np.delete(np.arange(len(data.images)), samples)

    def kept(values: np.ndarray | None) -> np.ndarray | None:
        return None if values is None else values[left]

    rows = Rows(left, len(data.images)) if data.rows is None else data.rows._replace(of=data.rows.of[left])
    return data._replace(
        images=data.images[left],
        labels=kept(data.labels),
        original=kept(data.original),
        test=data.test[left],
        files=None if data.files is None else tuple(data.files[row] for row in left),
        rows=rows,
        sizes=kept(data.sizes),
        columns=tuple(column.rows(left) for column in data.columns),
        notes=(*data.notes, f"{len(samples):,} images are left out"),
    )
