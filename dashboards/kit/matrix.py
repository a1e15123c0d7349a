"""A matrix of counts: buttons in rows and columns, in colors by their share."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from dashboards.kit.elements import Box, Button, quiet, swatch, text

WORDY = 12  # rows and columns, up to which columns have room for names, and cells for their text
STRONGEST = 45  # percent of a color in a cell: more would hide its text


class Head(NamedTuple):
    """Of a row, and of the column of the same number."""

    name: str
    short: str
    color: str  # empty: of no class


class Cell(NamedTuple):
    """A count, such as "35", or "3 / 35" where three of them are selected."""

    text: str
    hint: str
    value: Any  # asked for, with the keys of the click
    tone: str  # color of the theme
    share: float  # of that color; above 1: as 1
    pressed: bool = False


def matrix(
    heads: Sequence[Head], cells: Sequence[Sequence[Cell]], act: str, sides: tuple[str, str], *, label: str
) -> Box:
    """A click on a cell asks for `act`; `sides` are what rows and columns say."""
    rows, columns = sides
    wordy = len(heads) <= WORDY
    above = (
        text(
            text(head.short, look="name") if wordy else None,
            _swatch(head),
            look="over",
            hint=f"{columns} {head.name}",
        )
        for head in heads
    )
    lines = (
        (
            text(text(head.short, look="name"), _swatch(head), look="beside", hint=f"{rows} {head.name}"),
            *(_button(cell, act, f"{row},{column}") for column, cell in enumerate(cells[row])),
        )
        for row, head in enumerate(heads)
    )
    return Box(
        (quiet(f"{rows} ↓ · {columns} →", look="origin"), *above, *(each for line in lines for each in line)),
        role="group",
        roving="table",
        look="matrix" if wordy else "matrix many",
        label=label,
        style=f"grid-template-columns: minmax(56px, max-content) repeat({len(heads)}, minmax(0, 1fr))",
    )


def _button(cell: Cell, act: str, place: str) -> Button:
    strength = STRONGEST * min(1, cell.share)
    return Button(
        (cell.text,),
        act,
        cell.value,
        keys=True,
        pressed=cell.pressed,
        look="cell",
        style=f"background: color-mix(in srgb, var(--dv-{cell.tone}) {strength:.4g}%, var(--dv-surface))",
        hint=cell.hint,
        label=cell.hint,
        data={"cell": place},
    )


def _swatch(head: Head) -> Box:
    return swatch(head.color or "var(--dv-quiet)")
