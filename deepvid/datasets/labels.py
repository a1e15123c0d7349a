"""Labels in the forms that people keep them, as class indices."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from deepvid.errors import DataError


class Numbered(NamedTuple):
    """Class indices (sample,) of any integer type, what the classes are called, and what was made of what."""

    labels: np.ndarray
    class_names: tuple[str, ...]
    notes: tuple[str, ...] = ()


def numbered(labels: np.ndarray, names: tuple[str, ...] | None, where: str) -> Numbered:
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
        return Numbered(_indices(flat.astype(str), order), order, notes)
    if flat.dtype.kind == "U":
        return Numbered(_named(flat, names, where), names, notes)
    if flat.size and flat.min() >= 1 and flat.max() == len(names):
        return Numbered(flat.astype(np.int64) - 1, names, (*notes, "Labels counted from 1, read from 0"))
    return Numbered(flat, names, notes)


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
