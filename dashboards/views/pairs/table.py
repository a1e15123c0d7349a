"""The classes that are taken for each other most, each pair with its rate and interval."""

from typing import NamedTuple, TypedDict

import numpy as np

from dashboards.data.class_labels import shortened
from dashboards.theme import class_color
from deepvid.statistics import wilson

MOST = 40  # pairs
LONGEST = 14  # letters of a class


class Pair(TypedDict):
    """One row; rates are shares of the images whose true class can be taken for the other."""

    first: str
    second: str
    colors: list[str]
    hint: str
    count: int
    rate: float
    low: float  # 95 % Wilson interval
    high: float
    cells: list[list[int]]  # [true, predicted] that it is made of
    chosen: bool


class Pairs(NamedTuple):
    """The most frequent first, and how many there are."""

    rows: list[Pair]
    total: int


def pairs(
    counts: np.ndarray,
    names: tuple[str, ...],
    chosen: frozenset[tuple[int, int]],
    *,
    together: bool,
    labeled: bool = True,
) -> Pairs:
    """Of counts int64 (true, predicted); `together` counts both directions of a pair as one.

    Where images are not `labeled` the counts are (runner-up, predicted), and rates are shares of the images
    that are predicted as one of the two.
    """
    errors = counts * ~np.eye(len(counts), dtype=bool)
    images = counts.sum(axis=1 if labeled else 0)
    if together:
        errors = np.triu(errors + errors.T)
    wrong = np.flatnonzero(errors)
    order = wrong[np.argsort(-errors.ravel()[wrong], kind="stable")]
    short = shortened(names, LONGEST)
    rows: list[Pair] = []
    for place in order[:MOST].tolist():
        true, predicted = divmod(place, len(counts))
        cells = [(true, predicted), (predicted, true)] if together else [(true, predicted)]
        count, of = int(errors[true, predicted]), int(images[true] + (images[predicted] if together else 0))
        share = wilson(count, of)
        rows.append(
            {
                "first": short[true],
                "second": short[predicted],
                "colors": [class_color(true), class_color(predicted)],
                "hint": _hint(names[true], names[predicted], count, of, together=together)
                if labeled
                else _hesitation(names[true], names[predicted], count, of),
                "count": count,
                "rate": share.value,
                "low": share.low,
                "high": share.high,
                "cells": [list(cell) for cell in cells],
                "chosen": chosen.issuperset(cells),
            }
        )
    return Pairs(rows, len(order))


def _hesitation(first: str, second: str, count: int, of: int) -> str:
    return f"{count:,} of {of:,} images predicted as {first} or {second} have the other as their runner-up"


def _hint(true: str, predicted: str, count: int, of: int, *, together: bool) -> str:
    if together:
        return f"{count:,} of {of:,} images of {true} and {predicted} are taken for the other"
    return f"{count:,} of {of:,} images of {true} are taken for {predicted}"
