"""Images and labels in the forms that people keep, as bytes (sample, y, x, channel) and class indices."""

from collections.abc import Iterable
from itertools import count
from typing import NamedTuple

import numpy as np

from deepvid.datasets.white import (
    BYTE,
    TWO,
    WORD,
    White,
    laid_on_white,
    scale_to_bytes,
    white_byte,
    white_word,
)
from deepvid.errors import DataError
from deepvid.wording import quantity

_CHANNELS = (1, 3, 4)


class Pixels(NamedTuple):
    """uint8 (sample, y, x, channel), and what was made of what."""

    images: np.ndarray
    notes: tuple[str, ...] = ()
    white: White = White()


def pixels_of(images: np.ndarray, where: str, white: White | None = None) -> Pixels:
    """From gray, RGB or RGBA, channels last or first; truths, whole numbers of up to 16 bits, floats in 0..1.

    `white` is what all images of the set have, where these are some of them; None: it is found from these.
    Raises DataError, with the line of NumPy that mends it, for another shape or range.
    """
    if images.dtype.kind not in "biuf":
        raise DataError(
            "Images hold numbers",
            f"{images.dtype} in {where}",
            "Give their pixels as one array; files of pictures are read by `deepvid run` and by "
            "`deepvid explain MODEL --images FOLDER`",
        )
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4:
        raise DataError(
            "Images are an array (sample, y, x) or (sample, y, x, channel)",
            f"shape {images.shape} in {where}",
            f"Reshape them{_reshaped(images)}",
        )
    notes = []
    if _channels_first(images.shape):
        images = np.moveaxis(images, 1, -1)
        notes.append("Images with the channels first, read as (sample, y, x, channel)")
    as_bytes, white, said = _bytes(images, where, white)
    if images.shape[3] == 4:
        as_bytes = laid_on_white(as_bytes[..., :3], as_bytes[..., 3:])
        notes.append("Images with four channels laid on white, by the transparency of the fourth")
    notes.extend(said)
    if lost := int(np.count_nonzero(~_one_colored(images[_one_colored(as_bytes)]))):
        notes.append(f"{quantity(lost, 'image')} of one color now, with nothing to see")
    return Pixels(np.ascontiguousarray(as_bytes), tuple(notes), white)


def size_of(shape: tuple[int, ...]) -> tuple[int, int] | None:
    """(y, x) of images in an array of this shape; None where `pixels_of` reads none there."""
    if len(shape) not in (3, 4):
        return None
    return shape[2:] if _channels_first(shape) else shape[1:3]  # type: ignore[return-value]


def _channels_first(shape: tuple[int, ...]) -> bool:
    return len(shape) == 4 and shape[3] not in (*_CHANNELS, 2) and shape[1] in _CHANNELS


def _one_colored(images: np.ndarray) -> np.ndarray:
    """bool (sample,)."""
    return (images.min(axis=(1, 2)) == images.max(axis=(1, 2))).all(axis=1)


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


def _bytes(images: np.ndarray, where: str, white: White | None) -> tuple[np.ndarray, White, tuple[str, ...]]:
    """uint8, of which number is white, and what is to be said of it."""
    if images.dtype == np.bool_:
        return images.astype(np.uint8) * BYTE, White(), (TWO,)
    whole = white not in (None, White()) or _whole_words(images)
    shares = images.dtype.kind == "f" and not whole
    top = 1 if shares else WORD
    wrong = ~((images >= 0) & (images <= top))  # NaN compares false
    if wrong.any():
        sample, y, x, channel = np.argwhere(wrong)[0]
        or_whole = f" or are whole, 0 to {WORD}" if images.dtype.kind == "f" else ""
        raise DataError(
            f"Pixels of {images.dtype} lie in 0 to {top}{or_whole}",
            f"{images[sample, y, x, channel]} in image {sample} of {where} ({wrong.sum():,} such pixels)",
            _mended(images),
        )
    if shares:
        return scale_to_bytes(images, 1), White(), ()
    byte = images.dtype == np.uint8
    white = white or _white(images, byte=byte)
    number = white.byte if byte else white.word
    as_bytes = images if byte and number == BYTE else scale_to_bytes(images, number)
    return as_bytes, white, _said(images.dtype, number)


def _white(images: np.ndarray, *, byte: bool) -> White:
    largest = int(images.max(initial=0))
    return White(byte=white_byte(largest)) if byte else White(word=white_word(largest))


def _said(dtype: np.dtype, number: int) -> tuple[str, ...]:
    """Notes of what is read as white, where one could be mistaken."""
    if number == 1:
        return (TWO,)
    if number > BYTE:
        return (f"Pixels of {dtype}: 0 is read as black, {number:,} as white",)
    return ("Floats from 0 to 255, read as bytes",) if dtype.kind == "f" else ()


def _whole_words(images: np.ndarray) -> bool:
    """Whether floats are whole numbers of up to 16 bits, and more than 0 and 1."""
    inside = bool(images.size) and bool((images >= 0).all() and (images <= WORD).all())
    return inside and bool(images.max() > 1) and bool((images == np.round(images)).all())


def _mended(images: np.ndarray) -> str:
    """The line of NumPy that brings them into range, as far as the values tell."""
    if np.isnan(images).any():
        return "Replace those: images = np.nan_to_num(images)"
    low, high = float(images.min()), float(images.max())
    within = {
        (0, 1.01): "images = images.clip(0, 1)",
        (0, 255): "images = images / 255",
        (-1, 1): "images = (images + 1) / 2",
    }
    if images.dtype.kind == "f":
        line = f"They seem standardized: images = (images - ({low:.4g})) / {high - low:.4g}, or undo that"
        return next((text for (a, b), text in within.items() if a <= low and high <= b), line)
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
        return ClassLabels(_indices(flat, order), order, notes)
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
    """int64 (sample,) of labels whose texts are all among the names."""
    number_of = {name: number for number, name in enumerate(names)}
    values, place = np.unique(labels, return_inverse=True)
    return np.array([number_of[str(value)] for value in values.tolist()], np.int64)[place]
