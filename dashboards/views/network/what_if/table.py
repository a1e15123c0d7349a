"""What a drawn image changes: probabilities, the vote at every layer, and units, in words and numbers."""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np

from dashboards.data.class_labels import shortened
from dashboards.data.predictions import Link, softmax
from dashboards.theme import class_color
from deepvid import wording
from deepvid.engine.requests import ChangedUnit, Voted, WhatIf

CLASSES = 5  # that are shown, the most probable before or after
LONGEST = 12  # letters of a class
UNITS = 8


class ClassRow(TypedDict):
    """One class before and after."""

    name: str
    color: str
    before: float
    after: float
    told: str  # both, in words


class Vote(TypedDict):
    """What most of the nearest training images are; empty name: unknown."""

    name: str
    color: str
    share: float
    told: str


class LayerRow(TypedDict):
    """One column before and after."""

    name: str
    before: Vote
    after: Vote
    changed: bool  # another class


class UnitRow(TypedDict):
    """One unit that answers otherwise."""

    name: str
    change: float  # standard deviations
    told: str
    hint: str


class Shown(TypedDict):
    """What is said of both images."""

    sentence: str
    tried: str  # what was done, in a word
    classes: list[ClassRow]
    layers: list[LayerRow]
    units: list[UnitRow]
    reach: float  # the largest change of a unit
    neighbors: int
    among: str  # which images are neighbors


def shown(found: WhatIf, names: Sequence[str], link: Link = softmax) -> Shown:
    """Of an image that nobody has changed yet, both are the same."""
    before, after = (link(logits) for logits in found.logits)
    short = shortened(tuple(names), LONGEST)
    most = np.argsort(-np.maximum(before, after), kind="stable")[:CLASSES]
    units, tried = found.units[:UNITS], _tried(found)
    return {
        "sentence": sentence(found, names, link),
        "classes": [
            {
                "name": short[index],
                "color": class_color(int(index)),
                "before": float(before[index]),
                "after": float(after[index]),
                "told": f"{names[index]}: {wording.probability(float(before[index]))} as stored, "
                f"{wording.probability(float(after[index]))} {tried}",
            }
            for index in most
        ],
        "layers": [_layer(voted, names, found.neighbors) for voted in found.columns],
        "tried": "silenced" if found.silenced and not found.drawn else "drawn",
        "units": [_unit(unit, tried) for unit in units],
        "reach": max((abs(unit.change) for unit in units), default=1.0),
        "neighbors": found.neighbors,
        "among": found.among,
    }


def stored(found: WhatIf, names: Sequence[str], link: Link = softmax) -> Shown:
    """What is known of an image where nobody can draw."""
    said = link(found.logits[0])
    label = int(said.argmax())
    told = f"{names[label]} {wording.probability(float(said[label]))}, as stored"
    return {**shown(found, names, link), "sentence": told}


def sentence(found: WhatIf, names: Sequence[str], link: Link = softmax) -> str:
    """ "Shirt .52 as drawn, T-shirt .61 before: the vote changes at 3 of 7 layers"."""
    before, after = (link(logits) for logits in found.logits)
    was, now = int(before.argmax()), int(after.argmax())
    said = f"{names[now]} {wording.probability(float(after[now]))}"
    if not found.silenced and not found.units and np.array_equal(before, after):
        return f"{said}: draw on the image or silence a unit, and this follows"
    known = [voted for voted in found.columns if voted.before is not None and voted.after is not None]
    changed = sum(voted.before[0] != voted.after[0] for voted in known)  # type: ignore[index]
    than = f"{names[was]} {wording.probability(float(before[was]))} before"
    votes = f"; the vote changes at {changed} of {wording.quantity(len(known), 'layer')}" if known else ""
    return f"{said} {_tried(found)}, {than}{votes}"


def _tried(found: WhatIf) -> str:
    """ "as drawn with unit 9 of stage3 silenced"."""
    if not found.silenced:
        return "as drawn"
    (layer, unit), *others = found.silenced
    which = wording.quantity(len(found.silenced), "unit") if others else f"unit {unit} of {layer}"
    return f"{'as drawn ' if found.drawn else ''}with {which} silenced"


def _layer(voted: Voted, names: Sequence[str], neighbors: int) -> LayerRow:
    before, after = (_vote(one, names, neighbors) for one in (voted.before, voted.after))
    return {
        "name": voted.column,
        "before": before,
        "after": after,
        "changed": before["name"] != after["name"],
    }


def _vote(one: tuple[int, int] | None, names: Sequence[str], neighbors: int) -> Vote:
    if one is None:
        return {"name": "", "color": "", "share": 0.0, "told": "too wide: nobody knows"}
    label, votes = one
    told = f"{votes} of {neighbors} are {names[label]}"
    short = shortened(tuple(names), LONGEST)
    return {"name": short[label], "color": class_color(label), "share": votes / neighbors, "told": told}


def _unit(unit: ChangedUnit, tried: str) -> UnitRow:
    change = f"{wording.change(unit.change, 1)} sd"
    return {
        "name": f"{unit.unit} · {unit.column}",
        "change": unit.change,
        "told": change,
        "hint": f"Unit {unit.unit} of {unit.column}: mean response {unit.before:.2f} as stored, "
        f"{unit.after:.2f} {tried}, {change} of the test images",
    }
