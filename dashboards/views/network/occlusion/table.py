"""Where covering an image changes a unit, and every logit, in words and numbers: one scale for all."""

from collections.abc import Sequence
from typing import NamedTuple, TypedDict

import numpy as np

from dashboards.data.class_labels import shortened
from dashboards.data.units import LayerUnits
from dashboards.theme import class_color
from deepvid.engine.requests import Occluded
from deepvid.wording import signed

CLASSES = 10  # that are shown at most
UNITS = 5  # of all layers, that are named
LONGEST = 12  # letters of a class
HARDLY = 0.05  # sd that is not worth a place


class Tile(TypedDict):
    """A map: the unit's, or a logit's."""

    name: str
    short: str
    color: str  # empty: of the unit
    asked: bool  # the answer, or the class in question
    nats: float  # that a standard deviation is; 0 of the unit
    value: str  # its largest change
    hint: str


class Strong(TypedDict):
    """A unit of any layer that changes much."""

    layer: str
    unit: int
    value: str
    own: bool  # the one that is shown
    hint: str


class Shown(TypedDict):
    """All of them; the first tile is the unit's."""

    shape: list[int]  # y, x, channel of the image
    patch: int  # pixels
    top: list[int]
    left: list[int]
    tiles: list[Tile]
    more: int  # classes that are not shown
    end: float  # of the colors, in sd
    strongest: list[Strong]


class Drawn(NamedTuple):
    """What is shown, and what covering takes from each: f32 (tile, v, u), in sd."""

    shown: Shown
    drops: bytes


NOTHING: Shown = {
    "shape": [1, 1, 1],
    "patch": 1,
    "top": [0],
    "left": [0],
    "tiles": [],
    "more": 0,
    "end": 1.0,
    "strongest": [],
}


def drawn(
    found: Occluded,
    units: LayerUnits,
    place: int,
    shape: Sequence[int],
    names: Sequence[str],
    answer: int,
    other: int | None,
) -> Drawn:
    """The unit at `place` of a layer, the class of the answer, the `other` one in question, and those whose
    logits change most.
    """
    own = int(units.row[place])
    asked = [answer, *([other] if other is not None and other != answer else [])]
    size = np.abs(found.logit).max(axis=(1, 2))
    rest = [index for index in np.argsort(-size, kind="stable").tolist() if index not in asked]
    classes = [*asked, *rest][:CLASSES]
    drops = np.concatenate([found.unit[own][None], found.logit[classes]])
    short = shortened(tuple(names), LONGEST)
    tiles = [_unit(found, units, place, drops[0])]
    for index in classes:
        nats = float(found.deviation[index])
        value = -_largest(found.logit[index])
        tiles.append(
            {
                "name": names[index],
                "short": short[index],
                "color": class_color(index),
                "asked": index in asked,
                "nats": nats,
                "value": signed(value),
                "hint": f"Logit of {names[index]}: at most {signed(value)} sd ({signed(value * nats)} nats), "
                f"{_where(found, found.logit[index])}",
            }
        )
    shown: Shown = {
        "shape": list(shape),
        "patch": found.patch,
        "top": list(found.top),
        "left": list(found.left),
        "tiles": tiles,
        "more": len(names) - len(classes),
        "end": float(np.abs(drops).max()) or 1.0,
        "strongest": _strongest(found, own),
    }
    return Drawn(shown, drops.astype("<f4").tobytes())


def sentence(found: Occluded, units: LayerUnits, place: int) -> str:
    """Where the unit changes most."""
    drop = found.unit[int(units.row[place])]
    value = -_largest(drop)
    which = f"Unit {int(units.index[place])} of {units.name}"
    if abs(value) < HARDLY:
        return f"{which} hardly changes, wherever the image is covered"
    moves = "falls" if value < 0 else "rises"
    return f"{which} {moves} most, {signed(value)} sd, {_where(found, drop)}"


def _unit(found: Occluded, units: LayerUnits, place: int, drop: np.ndarray) -> Tile:
    value, number = -_largest(drop), int(units.index[place])
    return {
        "name": f"unit {number}",
        "short": f"unit {number}",
        "color": "",
        "asked": True,
        "nats": 0.0,
        "value": signed(value),
        "hint": f"Mean response of unit {number} of {units.name}: at most {signed(value)} sd, "
        f"{_where(found, drop)}",
    }


def _strongest(found: Occluded, own: int) -> list[Strong]:
    """Of all layers."""
    size = np.abs(found.unit).max(axis=(1, 2))
    strong: list[Strong] = []
    for place in np.argsort(-size, kind="stable")[:UNITS].tolist():
        (layer, unit), drop = found.units[place], found.unit[place]
        value = signed(-_largest(drop))
        strong.append(
            {
                "layer": layer,
                "unit": unit,
                "value": value,
                "own": place == own,
                "hint": f"Unit {unit} of {layer}: {value} sd, {_where(found, drop)}",
            }
        )
    return strong


def _largest(drop: np.ndarray) -> float:
    """The one of the largest size, with its sign."""
    return float(drop.ravel()[np.abs(drop).argmax()])


def _where(found: Occluded, drop: np.ndarray) -> str:
    v, u = np.unravel_index(int(np.abs(drop).argmax()), drop.shape)
    rows, columns = (
        f"{begin + 1}–{begin + found.patch}" if found.patch > 1 else f"{begin + 1}"
        for begin in (found.top[int(v)], found.left[int(u)])
    )
    return f"where rows {rows}, columns {columns} are covered"
