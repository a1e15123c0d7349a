"""Squares of an image in words and numbers."""

from collections.abc import Sequence
from typing import NamedTuple, TypedDict

import numpy as np

from dashboards.data.class_labels import shortened
from deepvid.engine.requests import SuperpixelWeights
from deepvid.wording import signed

LEVELS = 127
LONGEST = 16  # letters of a class
WELL, BADLY = 0.7, 0.5  # held-out R² from which on it can be believed, and below which it cannot


class Square(TypedDict):
    """One of them."""

    row: int
    column: int
    value: str
    level: int  # -127 to 127, of the largest
    hint: str


class Shown(TypedDict):
    """All of them."""

    shape: list[int]  # y, x, channel of the image
    cell: int  # pixels
    grid: list[int]  # v, u
    squares: list[Square]
    pair: list[str]  # short names: of the answer, of the other class
    end: float  # of the colors, in logits


NOTHING: Shown = {"shape": [1, 1, 1], "cell": 1, "grid": [1, 1], "squares": [], "pair": ["", ""], "end": 1.0}


class Trust(NamedTuple):
    """How far it can be believed."""

    text: str
    weak: bool


def drawn(
    found: SuperpixelWeights, shape: Sequence[int], names: Sequence[str], answer: int, target: int
) -> Shown:
    """One scale, whose ends are the largest weight."""
    end = float(np.abs(found.weight).max()) or 1.0
    short = shortened(tuple(names), LONGEST)
    return {
        "shape": list(shape),
        "cell": found.cell,
        "grid": list(found.weight.shape),
        "squares": [
            _square(row, column, float(found.weight[row, column]), end, names[answer], names[target])
            for row, column in np.ndindex(*found.weight.shape)
        ],
        "pair": [short[answer], short[target]],
        "end": end,
    }


def sentence(found: SuperpixelWeights, names: Sequence[str], answer: int, target: int, sample: int) -> str:
    """Which square speaks most."""
    row, column = np.unravel_index(int(np.abs(found.weight).argmax()), found.weight.shape)
    value = float(found.weight[row, column])
    side = names[answer] if value > 0 else names[target]
    where = f"row {int(row) + 1}, column {int(column) + 1}"
    return f"#{sample}: most speaks the square in {where}, for {side} ({signed(value)} logits)"


def trust(found: SuperpixelWeights) -> Trust:
    """Of masks that were not fitted, and of the same with other masks."""
    again = "not known" if np.isnan(found.repeated) else f"{found.repeated:.2f}"
    repeat = f"correlation with a repeat of other masks {again}"
    text = f"Held-out R² {found.r2:.2f}, {repeat} ({found.masks} masks each)"
    if found.r2 < BADLY:
        return Trust(f"{text}: squares alone do not explain the answer", weak=True)
    return Trust(text if found.r2 >= WELL else f"{text}: they explain a part of it", weak=False)


def _square(row: int, column: int, value: float, end: float, answer: str, target: str) -> Square:
    side = answer if value > 0 else target
    return {
        "row": row,
        "column": column,
        "value": signed(value),
        "level": round(value / end * LEVELS),
        "hint": f"Row {row + 1}, column {column + 1}: {signed(value)} logits for {side}",
    }
