"""Kinds of mistakes as cards: what sets each apart, whether that is confirmed, its images and evidence."""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypedDict

import numpy as np

from dashboards.data.captions import verdict
from dashboards.data.modes import NAME
from dashboards.data.population import Population
from dashboards.data.query import quote
from dashboards.theme import class_color
from deepvid.reasons import confirmation

STRONGEST = 127
"""Of a cell of a map of evidence."""


class CentralImage(TypedDict):
    """One of the images nearest to the middle of a mode."""

    sample: int
    color: str  # of the true class
    predicted: str  # color of what it is taken for
    hint: str


class ModeCard(TypedDict):
    """One mode."""

    name: str
    errors: int
    sentence: str  # what sets it apart; empty: nothing does
    confirmation: str
    confirmed: bool
    action: str  # what to do about it; empty: nothing is known
    query: str
    chosen: bool  # it is what is selected
    images: list[CentralImage]
    places: list[int]  # evidence by place, -127 to 127, positive for the answer; empty: nobody asked
    grid: list[int]  # its rows and columns


class Card(TypedDict):
    """All modes, those first that are confirmed."""

    title: str
    note: str
    waiting: str  # in the place of the modes, where there are none
    shape: list[int]  # y, x, channel
    modes: list[ModeCard]


class Content(NamedTuple):
    """The card, and its pictures: uint8 (tile, y, x, channel), mode after mode."""

    card: Card
    tiles: bytes


def mode_content(table: Population, selected: str) -> Content:
    """`selected` is the query in force. The table has modes."""
    assert table.modes is not None
    stored = table.modes.entries
    cards = [_mode_card(table, mode, number, selected) for number, mode in enumerate(stored)]
    cards.sort(key=lambda card: not card["confirmed"])
    confirmed = sum(card["confirmed"] for card in cards)
    samples = np.array([image["sample"] for card in cards for image in card["images"]], np.intp)
    card: Card = {
        "title": f"{len(cards)} kinds of mistakes" if cards else "Kinds of mistakes",
        "note": f"{confirmed} confirmed on images that they were not found on",
        "waiting": "Too few errors for kinds of mistakes.",
        "shape": list(table.image_shape),
        "modes": cards,
    }
    return Content(card, table.images_of(samples).tobytes())


def _mode_card(table: Population, mode: Mapping[str, Any], number: int, selected: str) -> ModeCard:
    assert table.modes is not None
    query = f"{NAME} == {quote(table.modes.column.words[number])}"
    rows = [row for sample in mode["central"] if (row := table.row_of(sample)) is not None]
    _, _, apart = mode["sentence"].partition(": ")
    places, grid = _evidence(table, mode["places"])
    return {
        "name": _sentence(mode["name"]),
        "errors": mode["errors"],
        "sentence": _sentence(apart, "."),
        "confirmation": f"{confirmation(mode)}.",
        "confirmed": mode["confirmed"],
        "action": _sentence(mode["action"], "."),
        "query": query,
        "chosen": query == selected,
        "images": [_central_image(table, row) for row in rows],
        "places": places,
        "grid": grid,
    }


def _sentence(text: str, stop: str = "") -> str:
    return f"{text[0].upper()}{text[1:]}{stop}" if text else ""


def _central_image(table: Population, row: int) -> CentralImage:
    predicted = -1 if table.predicted is None else int(table.predicted[row])
    return {
        "sample": int(table.samples[row]),
        "color": class_color(int(table.label[row])),
        "predicted": class_color(predicted) if predicted >= 0 else "",
        "hint": f"#{table.samples[row]} {verdict(table, row)}",
    }


def _evidence(table: Population, lost: list[float]) -> tuple[list[int], list[int]]:
    """In parts of what is strongest; none where an archive tells of other places than its causes have."""
    rows, columns = (0, 0) if table.causes is None else table.causes.stored.grid
    values = np.array(lost, float)
    most = np.abs(values).max(initial=0)
    if len(values) != rows * columns or not 0 < most < np.inf:
        return [], [0, 0]
    return np.rint(values / most * STRONGEST).astype(int).tolist(), [rows, columns]
