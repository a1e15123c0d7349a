"""Pictures that a data set has more than once, byte for byte."""

from hashlib import blake2b
from typing import NamedTuple

import numpy as np


class Copies(NamedTuple):
    """Which samples show the same picture; all are (sample,)."""

    first: np.ndarray  # int32: the first sample with its picture, itself where there is none before
    copy_of: np.ndarray  # int32: the first other sample with its picture, or -1
    copied: np.ndarray  # bool: a test image that is also a training image
    two_labels: np.ndarray  # bool: its picture has another label elsewhere
    repeated: np.ndarray  # bool: its picture occurs again, in its own split alone


def find_copies(images: np.ndarray, labels: np.ndarray | None, test: np.ndarray) -> Copies:
    """`images` uint8 (sample, ...), `labels` int (sample,) or None, `test` bool (sample,).

    Linear in the number of samples, however many are equal.
    """
    first = _first_of_each(images)
    size = np.bincount(first, minlength=len(first))[first]
    copy_of = np.where(first == np.arange(len(first)), _second_of_each(first)[first], first)
    trained = np.zeros(len(first), bool)
    trained[first[~test]] = True
    tested = np.zeros(len(first), bool)
    tested[first[test]] = True
    crossing = (trained & tested)[first]
    several = np.zeros(len(first), bool)
    if labels is not None:
        several[first[labels != labels[first]]] = True
    return Copies(first, copy_of.astype(np.int32), crossing & test, several[first], (size > 1) & ~crossing)


def _first_of_each(images: np.ndarray) -> np.ndarray:
    """int32 (sample,); memory holds 16 bytes of each picture."""
    known: dict[bytes, int] = {}
    rows = np.ascontiguousarray(images).reshape(len(images), -1)
    digests = (blake2b(row.data, digest_size=16).digest() for row in rows)
    return np.fromiter((known.setdefault(one, row) for row, one in enumerate(digests)), np.int32, len(rows))


def _second_of_each(first: np.ndarray) -> np.ndarray:
    """int32 (sample,): of a picture's first sample the second one, or -1; of others -1."""
    second = np.full(len(first), -1, np.int32)
    later = np.flatnonzero(first != np.arange(len(first)))[::-1]
    second[first[later]] = later  # of several the last assignment counts, which is the smallest
    return second
