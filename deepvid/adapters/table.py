"""A table of predictions: what a model said of each image, without the model. Tier PREDICTIONS."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from deepvid import config
from deepvid.adapters.contract import Answers, digest_of_file
from deepvid.adapters.scores import scores
from deepvid.config import names
from deepvid.config.sections.dataset import CSV, PARQUET
from deepvid.errors import DataError
from deepvid.tier import Tier

if TYPE_CHECKING:
    from jaxtyping import Int

_SUFFIXES = (".npz", *CSV, *PARQUET)


class Tabled(NamedTuple):
    """Predictions of as many images as there are rows, of classes in the order of the images'."""

    answers: Answers
    kind: names.OutputKind
    order: Int[np.ndarray, " class"]  # the column of each class
    labels: Int[np.ndarray, " sample"] | None  # where the table has them
    name: str
    digest: str

    @property
    def tier(self) -> Tier:
        return Tier.PREDICTIONS


def open_table(section: config.Table, *, class_names: tuple[str, ...], images: int) -> Tabled:
    """Raises DataError unless there is a row an image and a column a class."""
    path = section.path
    columns, given = _read(path, section.output.classes or class_names)
    _check_rows(columns, images, path)
    read = scores(section.output if given == "auto" else section.output.replaced(kind=given), class_names)
    outputs = columns["outputs"]
    read = read.settled(outputs)
    features = columns.get("features")
    answers = Answers(read.logits(outputs), None if features is None else features.reshape(images, -1))
    return Tabled(answers, read.kind, read.order, _labels(columns, path), path.name, digest_of_file(path))


def width_of(section: config.Table) -> int:
    """How many outputs a row has. Raises DataError for a file of columns: any may be of something else."""
    if section.path.suffix.lower() != ".npz":
        raise DataError(
            "Without labels, the classes are named, or are the columns of an .npz file",
            f"{section.path}, whose columns may be classes or something else",
            "Name the classes: --classes, or class_names of deepvid.explain",
        )
    columns, _ = _read(section.path, ())
    return int(columns["outputs"].shape[1])


def _read(path: Path, classes: tuple[str, ...]) -> tuple[dict[str, np.ndarray], names.OutputKind]:
    """Arrays `outputs` and, where there are some, `features` and `labels`; and the kind that names tell."""
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES or not path.is_file():
        raise DataError(
            f"A table of predictions is a file {', '.join(_SUFFIXES[:-1])}",
            f"{path}" if path.is_file() else f"no file {path}",
            "Save one: numpy.savez('predictions.npz', logits=...), or one column per class as CSV",
        )
    return _of_archive(path) if suffix == ".npz" else (_of_columns(path, classes), "auto")


def _of_archive(path: Path) -> tuple[dict[str, np.ndarray], names.OutputKind]:
    from deepvid.datasets.npz import names_in, read_npz

    kinds: tuple[names.OutputKind, ...] = ("logits", "probabilities")
    held = [kind for kind in kinds if kind in names_in(path)]
    if len(held) != 1:
        raise DataError(
            "The .npz file has one of the arrays logits and probabilities",
            f"{', '.join(sorted(names_in(path))) or 'none'} in {path}",
            f"Save one of them: numpy.savez({path.name!r}, logits=...)",
        )
    (kind,) = held
    arrays = read_npz(path, [kind], ["features", "labels"])
    columns = {"outputs": arrays.pop(kind), **arrays}
    for name in ("outputs", "features"):
        if name in columns:
            columns[name] = _numbers(columns[name], kind if name == "outputs" else name, path)
    return columns, kind


def _of_columns(path: Path, classes: tuple[str, ...]) -> dict[str, np.ndarray]:
    from deepvid.datasets.table import read_columns

    header, rows = read_columns(path)
    header = [name.strip() for name in header]
    missing = [name for name in classes if name not in header]
    if missing:
        raise DataError(
            f"A table of predictions has a column for each of the {len(classes)} classes, named after it",
            f"none for {', '.join(missing[:5])} among {', '.join(header[:10]) or 'none'} in {path}",
            "Name the columns after the classes, or the classes after the columns",
        )
    places = [header.index(name) for name in classes]
    try:
        outputs = np.array([[row[place] for place in places] for row in rows], np.float32)
    except (ValueError, TypeError, IndexError) as error:
        raise DataError(
            "Every column of a class holds a number in every row", f"{error} in {path}", "Correct the table"
        ) from error
    return {"outputs": outputs.reshape(len(rows), len(classes))}


def _numbers(array: np.ndarray, name: str, path: Path) -> np.ndarray:
    if array.dtype.kind not in "fiu" or array.ndim < 2:
        raise DataError(
            f"{name} are numbers, one row per image",
            f"{array.dtype} of shape {array.shape} in {path}",
            "Save a score for every class, not only the class" if array.ndim == 1 else "Save numbers",
        )
    return array.astype(np.float32)


def _check_rows(columns: dict[str, np.ndarray], images: int, path: Path) -> None:
    for name, array in columns.items():
        if len(array) != images:
            what = "" if name == "outputs" else f" of {name}"
            raise DataError(
                "A table of predictions has one row per image, in their order",
                f"{len(array):,} rows{what} in {path} and {images:,} images",
                "Predict all of these images, and no others",
            )
    finite = np.isfinite(columns["outputs"]).all(axis=1)
    if not finite.all():
        raise DataError(
            "Predictions are finite",
            f"NaN or infinity in {np.sum(~finite):,} of {images:,} rows of {path}: {finite.argmin()}",
            "Predict these again, or leave their images out",
        )


def _labels(columns: dict[str, np.ndarray], path: Path) -> Int[np.ndarray, " sample"] | None:
    labels = columns.get("labels")
    if labels is None:
        return None
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise DataError(
            "labels are integers, one per image",
            f"{labels.dtype} of shape {labels.shape} in {path}",
            "Save the indices of the classes, in the order of their names",
        )
    return labels.astype(np.int32)
