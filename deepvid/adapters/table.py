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
from deepvid.wording import first_few

if TYPE_CHECKING:
    from jaxtyping import Int

    from deepvid.datasets.npz import ArrayHeader

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
    columns, given = _read(path, section.output.classes or class_names, images)
    _check_finite(columns["outputs"], images, path)
    kind = given if section.output.kind == "auto" else section.output.kind
    read = scores(section.output.replaced(kind=kind), class_names)
    outputs = columns["outputs"]
    read = read.checked(outputs)
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
    _require_table(section.path)
    return _declared(section.path)[1]["outputs"].shape[1]


def _read(
    path: Path, classes: tuple[str, ...], images: int
) -> tuple[dict[str, np.ndarray], names.OutputKind]:
    """Arrays `outputs` and, where there are some, `features` and `labels`; and the kind that names tell."""
    _require_table(path)
    if path.suffix.lower() == ".npz":
        return _of_archive(path, images)
    return _of_columns(path, classes, images), "auto"


def _require_table(path: Path) -> None:
    if path.suffix.lower() not in _SUFFIXES or not path.is_file():
        raise DataError(
            f"A table of predictions is a file {', '.join(_SUFFIXES[:-1])}",
            f"{path}" if path.is_file() else f"no file {path}",
            "Save one: numpy.savez('predictions.npz', logits=...), or one column per class as CSV",
        )


def _of_archive(path: Path, images: int) -> tuple[dict[str, np.ndarray], names.OutputKind]:
    from deepvid.datasets.npz import read_npz

    kind, declared = _declared(path)
    _check_rows({name: (*form.shape, 0)[0] for name, form in declared.items()}, images, path)
    arrays = read_npz(path, [kind], ["features", "labels"])
    columns = {"outputs": arrays.pop(kind), **arrays}
    return {
        name: array if name == "labels" else array.astype(np.float32) for name, array in columns.items()
    }, kind


def _declared(path: Path) -> tuple[names.OutputKind, dict[str, ArrayHeader]]:
    """The kind of the outputs, and the forms of what will be read."""
    from deepvid.datasets.npz import declared_arrays, names_in
    from deepvid.datasets.validation import MOST_CLASSES

    held = names_in(path)
    kinds: tuple[names.OutputKind, ...] = ("logits", "probabilities")
    there = [kind for kind in kinds if kind in held]
    if len(there) != 1:
        raise DataError(
            "The .npz file has one of the arrays logits and probabilities",
            f"{first_few(sorted(held)) or 'none'} in {path}",
            f"Save one of them: numpy.savez({path.name!r}, logits=...)",
        )
    (kind,) = there
    declared = declared_arrays(path, (kind, "features", "labels"))
    for name in (kind, "features"):
        if name in declared:
            _check_numbers(declared[name], name, path)
    if (width := declared[kind].shape[1]) > MOST_CLASSES:
        raise DataError(
            f"A model has at most {MOST_CLASSES:,} classes",
            f"{width:,} outputs in {path}",
            "Save those of the classes of the images",
        )
    return kind, {"outputs": declared.pop(kind), **declared}


def _of_columns(path: Path, classes: tuple[str, ...], images: int) -> dict[str, np.ndarray]:
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
    _check_rows({"outputs": len(rows)}, images, path)
    return {"outputs": outputs.reshape(len(rows), len(classes))}


def _check_numbers(form: ArrayHeader, name: str, path: Path) -> None:
    if form.dtype.kind not in "fiu" or len(form.shape) < 2:
        raise DataError(
            f"{name} are numbers, one row per image",
            f"{form.dtype} of shape {form.shape} in {path}",
            "Save a score for every class, not only the class" if len(form.shape) == 1 else "Save numbers",
        )


def _check_rows(rows: dict[str, int], images: int, path: Path) -> None:
    for name, count in rows.items():
        if count != images:
            what = "" if name == "outputs" else f" of {name}"
            raise DataError(
                "A table of predictions has one row per image, in their order",
                f"{count:,} rows{what} in {path} and {images:,} images",
                "Predict all of these images, and no others",
            )


def _check_finite(outputs: np.ndarray, images: int, path: Path) -> None:
    finite = np.isfinite(outputs).all(axis=1)
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
