"""Checks of images and labels, before anything is computed from them."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from deepvid.config.sections.dataset import LARGEST, SMALLEST
from deepvid.datasets.contract import Form, ImageData, Pictures
from deepvid.datasets.conversion import pixels_of
from deepvid.datasets.picture import DONE, fit_pictures
from deepvid.errors import DataError
from deepvid.fitted import fitted
from deepvid.wording import first_few

_PROPOSED = 64  # pixels: the longer side of a size that is proposed
FEWEST_CLASSES, MOST_CLASSES = 2, 1000


def validated(pictures: Pictures, where: str, form: Form | None = None) -> Pictures:
    """The same with uint8 images (sample, y, x, channel), of the size of `form`, and int32 labels.

    Raises `DataError`.
    """
    pixels = pixels_of(pictures.images, where)
    images, notes, white = pixels.images, pixels.notes, pictures.white or pixels.white
    check_counts(len(images), len(images) if pictures.labels is None else len(pictures.labels), where)
    if form is not None and images.shape[1:3] != form.size:
        notes = (*notes, _fitted_note(images.shape, form))
        images = fit_pictures(images, form)
    check_shape(images.shape[1:], where)
    check_classes(pictures.class_names, where)
    pictures = pictures._replace(images=images, notes=(*pictures.notes, *notes), white=white)
    if pictures.labels is None:
        return pictures
    return pictures._replace(labels=checked_labels(pictures.labels, pictures.class_names, where))


def check_split(data: ImageData, where: str, shown: Sequence[int]) -> None:
    """Raises `DataError` unless there are test images, and images of the classes `shown` to fit to."""
    if not data.test.any():
        raise DataError("At least one image is a test image", f"none in {where}", "Hold some out")
    if data.labels is None:
        return
    counts = np.bincount(data.labels[fitted(data.test)], minlength=len(data.class_names))
    empty = [data.class_names[number] for number in shown if not counts[number]]
    if empty:
        raise DataError(
            "Every class has training images",
            f"none of {first_few(empty)} among {counts.sum()} training images of {where}",
            "Add images of it, remove the class, raise dataset.train, or, where a model knows more classes "
            "than there are images of, name them all as dataset.classes",
        )


def check_counts(images: int, labels: int, where: str) -> None:
    if images != labels:
        raise DataError(
            "There is one label per image",
            f"{images} images and {labels} labels in {where}",
            "Give one label per image",
        )
    if not images:
        raise DataError("A data set has images", f"none in {where}", "Add some, or give another path")


def check_shape(shape: tuple[int, ...], where: str) -> None:
    """`shape` is (y, x, channel)."""
    height, width, channels = shape
    fits = min(height, width) >= SMALLEST and max(height, width) <= LARGEST
    if not fits or channels not in (1, 3):
        raise DataError(
            f"Images are {SMALLEST}x{SMALLEST} to {LARGEST}x{LARGEST} pixels, gray (1 channel) or RGB (3)",
            f"{height}x{width} with {channels} channel{'s' * (channels != 1)} in {where}",
            "Convert them"
            if fits
            else f"Add below [dataset]: {proposal(height, width)}; for a model of your own, give --size",
        )


def proposal(height: int, width: int) -> str:
    """The line of an experiment that brings images of this size within bounds, nearly in proportion."""
    scale = min(1.0, _PROPOSED / max(height, width))
    y, x = (min(_PROPOSED, max(SMALLEST, 8 * round(side * scale / 8))) for side in (height, width))
    return f"size = [{y}, {x}]"


def check_class_count(count: int, where: str, names: Sequence[str] = ()) -> None:
    if not FEWEST_CLASSES <= count <= MOST_CLASSES:
        raise DataError(
            f"There are {FEWEST_CLASSES} to {MOST_CLASSES:,} classes",
            f"{count:,}{f' ({first_few(names)})' if names else ''} in {where}",
            "Add images of another class" if count < FEWEST_CLASSES else "Leave some out",
        )


def check_classes(names: tuple[str, ...], where: str) -> None:
    check_class_count(len(names), where, names)
    if unnamed := [number for number, name in enumerate(names) if not name.strip()]:
        raise DataError(
            "Every class has a name", f"none for class {unnamed[0]} of {len(names)} in {where}", "Name it"
        )
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise DataError(
            "Class names are unique", f"{first_few(repeated)} twice in {where}", "Rename one of them"
        )


def checksum_of(path: Path) -> dict[str, str]:
    """The sha256 of a file under its name."""
    with path.open("rb") as file:
        return {path.name: hashlib.file_digest(file, "sha256").hexdigest()}


def check_original(content: bytes, expected: str, where: str) -> str:
    """The sha256 of `content`. Raises `DataError` unless it is the published one."""
    digest = hashlib.sha256(content).hexdigest()
    if digest != expected:
        raise DataError(
            f"The sha256 of {where} is the published {expected}",
            f"{digest}: readable, but not the original",
            "Replace it with the original, or give images of your own as source = 'arrays' or 'folder'",
        )
    return digest


def checked_labels(labels: np.ndarray, names: tuple[str, ...], where: str) -> np.ndarray:
    """int32 (sample,). Raises `DataError` for what is no index of a class."""
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise DataError(
            "Labels are a list of integers", f"{labels.dtype} {labels.shape} in {where}", "Convert them"
        )
    wrong = np.flatnonzero((labels < 0) | (labels >= len(names)))
    if wrong.size:
        raise DataError(
            f"Labels are 0 to {len(names) - 1}: there are {len(names)} classes",
            f"{labels[wrong[0]]} at image {wrong[0]} of {where} ({wrong.size} out of range)",
            "Correct the labels, or name all classes",
        )
    return labels.astype(np.int32)


def _fitted_note(shape: tuple[int, ...], form: Form) -> str:
    (count, *size), (y, x) = shape[:3], form.size
    return f"All {count:,} images {DONE[form.fit]} to {y}x{x} (height x width), from {size[0]}x{size[1]}"
