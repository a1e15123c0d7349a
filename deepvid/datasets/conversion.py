"""Images and labels in the forms that people keep, as bytes (sample, y, x, channel) and class indices."""

from collections.abc import Iterable
from itertools import count
from typing import NamedTuple

import numpy as np

from deepvid.errors import DataError

_CHANNELS = (1, 3, 4)


class Pixels(NamedTuple):
    """uint8 (sample, y, x, channel), and what was made of what."""

    images: np.ndarray
    notes: tuple[str, ...] = ()


def pixels_of(images: np.ndarray, where: str) -> Pixels:
    """From gray, RGB or RGBA, channels last or first; bytes, truths, floats in 0..1, or 0..255.

    Raises DataError, with the line of NumPy that mends it, for another shape or range.
    """
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4:
        raise DataError(
            "Images are an array (sample, y, x) or (sample, y, x, channel)",
            f"shape {images.shape} in {where}",
            f"Reshape them{_reshaped(images)}",
        )
    notes = []
    if images.shape[3] not in (*_CHANNELS, 2) and images.shape[1] in _CHANNELS:
        images = np.moveaxis(images, 1, -1)
        notes.append("Images with the channels first, read as (sample, y, x, channel)")
    if images.shape[3] == 4:
        images = images[..., :3]
        notes.append("Images with four channels without their transparency")
    as_bytes, scaled = _bytes(images, where)
    return Pixels(np.ascontiguousarray(as_bytes), (*notes, *scaled))


def _reshaped(images: np.ndarray) -> str:
    """The line that does it, where the rows are flat and square."""
    if images.ndim != 2:
        return ""
    for channels in (1, 3):
        side = round((images.shape[1] / channels) ** 0.5)
        if side * side * channels == images.shape[1]:
            shape = (len(images), side, side, channels)
            return f": images = images.reshape{shape}"
    return ""


def _bytes(images: np.ndarray, where: str) -> tuple[np.ndarray, tuple[str, ...]]:
    if images.dtype == np.bool_ or _black_and_white(images):
        return images.astype(np.uint8) * 255, ("Images of two values, 0 and 1, read as black and white",)
    if images.dtype == np.uint8:
        return images, ()
    if images.dtype.kind not in "iuf":
        raise DataError(
            "Images hold numbers", f"{images.dtype} in {where}", "images = images.astype('uint8')"
        )
    floats = images.dtype.kind == "f"
    bytes_as_floats = floats and _whole_bytes(images)
    top = 1 if floats and not bytes_as_floats else 255
    wrong = ~((images >= 0) & (images <= top))  # NaN compares false
    if wrong.any():
        sample, y, x, channel = np.argwhere(wrong)[0]
        raise DataError(
            f"Pixels of {images.dtype} lie in 0 to {top}{' or are whole, 0 to 255' if floats else ''}",
            f"{images[sample, y, x, channel]} in image {sample} of {where} ({wrong.sum():,} such pixels)",
            _mended(images, floats),
        )
    notes = ("Floats from 0 to 255, read as bytes",) if bytes_as_floats else ()
    return np.rint(images * (255 / top)).astype(np.uint8), notes


def _black_and_white(images: np.ndarray) -> bool:
    """Whether whole numbers are those of truths: as bytes they would be black and all but black."""
    return images.dtype.kind in "iu" and images.size > 0 and bool(images.min() == 0 and images.max() == 1)


def _whole_bytes(images: np.ndarray) -> bool:
    """Whether floats are those of bytes: whole, and more than 0 and 1."""
    inside = bool(images.size) and bool((images >= 0).all() and (images <= 255).all())
    return inside and bool(images.max() > 1) and bool((images == np.round(images)).all())


def _mended(images: np.ndarray, floats: bool) -> str:
    """The line of NumPy that brings them into range, as far as the values tell."""
    if np.isnan(images).any():
        return "Replace those: images = np.nan_to_num(images)"
    low, high = float(images.min()), float(images.max())
    within = {
        (0, 1.01): "images = images.clip(0, 1)",
        (0, 255): "images = images / 255",
        (-1, 1): "images = (images + 1) / 2",
    }
    if floats:
        line = f"They seem standardized: images = (images - ({low:.4g})) / {high - low:.4g}, or undo that"
        return next((text for (a, b), text in within.items() if a <= low and high <= b), line)
    if low >= 0 and 4095 < high <= 65535:
        return "images = (images // 257).astype('uint8')"
    return f"images = ((images.astype(float) - ({low:g})) * (255 / {high - low or 1:g})).astype('uint8')"


class ClassLabels(NamedTuple):
    """Class indices (sample,) of any integer type, what the classes are called, and what was made of what."""

    labels: np.ndarray
    class_names: tuple[str, ...]
    notes: tuple[str, ...] = ()


def class_labels(labels: np.ndarray, names: tuple[str, ...] | None, where: str) -> ClassLabels:
    """From integers, whole floats, truths, texts, or one column a class.

    Without names the classes are the labels that occur. With them integers are indices from 0, or from 1
    where 0 is none of them and the number of names is, and texts are the names. Raises DataError.
    """
    flat, notes = _flat(labels, where)
    if flat.dtype.kind == "f":
        flat = _whole(flat, where)
        notes = (*notes, "Labels that are whole numbers as floats, read as integers")
    if flat.dtype.kind == "b":
        flat = flat.astype(np.int64)
    if flat.dtype.kind not in "iuU":
        raise DataError(
            "Labels are integers or texts", f"{flat.dtype} in {where}", "labels = labels.astype(int)"
        )
    if names is None:
        order = in_order(map(str, np.unique(flat)))
        return ClassLabels(_indices(flat.astype(str), order), order, notes)
    if flat.dtype.kind == "U":
        return ClassLabels(_named(flat, names, where), names, notes)
    if flat.size and flat.min() >= 1 and flat.max() == len(names):
        return ClassLabels(flat.astype(np.int64) - 1, names, (*notes, "Labels counted from 1, read from 0"))
    return ClassLabels(flat, names, notes)


def distinct_names(names: Iterable[str]) -> tuple[str, ...]:
    """The same, with a number after a name that comes again: ImageNet's crane and crane 2."""
    given = tuple(names)
    taken, distinct = set(given), list[str]()
    for name in given:
        if name in distinct:
            name = next(f"{name} {number}" for number in count(2) if f"{name} {number}" not in taken)
            taken.add(name)
        distinct.append(name)
    return tuple(distinct)


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Each once: as numbers where all are whole ones, and by the alphabet otherwise."""
    distinct = set(names)
    try:
        return tuple(sorted(distinct, key=lambda name: (int(name), name)))
    except ValueError:
        return tuple(sorted(distinct))


def _flat(labels: np.ndarray, where: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """One label a sample."""
    if labels.ndim == 2 and labels.shape[1] == 1:
        return labels[:, 0], ()
    if labels.ndim == 2 and labels.dtype.kind in "iufb":
        if ((labels == 0) | (labels == 1)).all() and (labels.sum(axis=1) == 1).all():
            return labels.argmax(axis=1), (f"Labels of {labels.shape[1]} columns, one a class (one-hot)",)
        raise DataError(
            "Labels are one per sample, or one column per class with a single 1 in every row (one-hot)",
            f"{labels.dtype} {labels.shape} with other rows in {where}",
            "If they are probabilities: labels = labels.argmax(axis=1)",
        )
    if labels.ndim != 1:
        raise DataError(
            "Labels are one per sample",
            f"{labels.dtype} {labels.shape} in {where}",
            "Give an array (sample,)",
        )
    return labels, ()


def _whole(labels: np.ndarray, where: str) -> np.ndarray:
    odd = np.flatnonzero(~(labels == np.round(labels)))  # NaN compares false
    if odd.size:
        raise DataError(
            "Labels are whole numbers or texts",
            f"{labels[odd[0]]} at image {odd[0]} of {where} ({odd.size} such labels)",
            "If they are classes, name them: labels = labels.astype(str)",
        )
    return labels.astype(np.int64)


def _named(labels: np.ndarray, names: tuple[str, ...], where: str) -> np.ndarray:
    if unknown := sorted(set(labels.tolist()) - set(names)):
        raise DataError(
            "Every label that is a text is one of class_names",
            f"{', '.join(unknown[:5])} in {where}",
            "Correct them, add the names, or leave class_names out",
        )
    return _indices(labels, names)


def _indices(labels: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    number_of = {name: number for number, name in enumerate(names)}
    return np.array([number_of[label] for label in labels.tolist()], np.int64)
