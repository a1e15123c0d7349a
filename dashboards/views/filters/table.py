"""The filters of a layer in an order: what each sees, and what the answer owes to it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypedDict

import numpy as np

from dashboards.data.class_labels import shortened
from dashboards.data.predictions import softmax
from dashboards.theme import class_color
from deepvid import wording
from deepvid.engine.requests import FilterResponses
from deepvid.wording import signed

PAGE = 24  # filters that are shown at first, and with each "more"
LONGEST = 16  # letters of a class
NAMED = 4  # filters that a sentence tells by their numbers
CLIPPED = 0.998  # share of all cells inside the scale: few bright ones must not gray out the rest
LEVELS = 127


class Tile(TypedDict):
    """One filter."""

    number: int
    margin: float  # what silencing it changes of the margin, in logits
    change: list[float]  # of the logits of both classes
    activation: str
    hint: str


class ClassChange(TypedDict):
    """What silencing a filter changes of one class."""

    name: str
    short: str
    color: str
    change: float  # of its logit
    asked: bool  # one of the two in question


class Chosen(TypedDict):
    """One filter in full; its map comes behind those of the tiles."""

    number: int
    text: str
    classes: list[ClassChange]  # the two in question, then what changes most


class Shown(TypedDict):
    """A layer."""

    shape: list[int]  # v, u of each map
    picture: list[int]  # y, x, channel of the image
    layer: str
    layers: list[list[str]]  # [name, text]
    pair: list[ClassChange]  # predicted, and true or runner-up; changes are 0
    tiles: list[Tile]
    left: int  # filters that are not among the tiles
    more: int  # of them are shown next
    end: float  # of the colors, in units of activation
    reach: float  # largest change of a logit of both classes
    chosen: Chosen | None


class Drawn(NamedTuple):
    """What is drawn, and its maps: int8 (tile, v, u) in 127ths of the end of the colors."""

    shown: Shown
    maps: bytes


NOTHING: Shown = {
    "shape": [1, 1],
    "picture": [1, 1, 1],
    "layer": "",
    "layers": [],
    "pair": [],
    "tiles": [],
    "left": 0,
    "more": 0,
    "end": 1.0,
    "reach": 1.0,
    "chosen": None,
}

ORDERS: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "strongest": ("strongest first", lambda margin: -np.abs(margin)),
    "for": ("for {predicted} first", lambda margin: margin),
    "against": ("for {other} first", lambda margin: -margin),
    "number": ("by number", np.zeros_like),
}
"""Name -> (what a person reads, what is ascending of the changes of the margin)."""


def drawn(
    found: FilterResponses, names: Sequence[str], order: str, visible: int, chosen: int | None
) -> Drawn:
    """The first `visible` filters in an order, and the chosen one, where the layer has it."""
    change = changes(found)
    margin = _margin(found, change)
    first = np.argsort(ORDERS[order][1](margin), kind="stable")[:visible]
    end = float(np.quantile(np.abs(found.occlusion), CLIPPED)) or 1.0
    of_all = chosen is not None and 0 <= chosen < len(margin)
    mapped = [*first.tolist(), *([chosen] if of_all else [])]
    pair = list(found.classes)
    shown: Shown = {
        **NOTHING,
        "shape": list(found.occlusion.shape[1:]),
        "layer": found.layer,
        "layers": [[name, f"{name} · {wording.quantity(count, 'filter')}"] for name, count in found.layers],
        "pair": [_class(index, names, 0.0, asked=True) for index in pair],
        "tiles": [_tile(found, names, number, change[number], margin[number]) for number in first.tolist()],
        "left": len(margin) - len(first),
        "more": min(PAGE, len(margin) - len(first)),
        "end": end,
        "reach": float(np.abs(change[:, pair]).max()) or 1.0,
        "chosen": _chosen(found, names, chosen, change[chosen]) if chosen is not None and of_all else None,
    }
    maps = np.rint(found.occlusion[mapped] / end * LEVELS)
    return Drawn(shown, np.clip(maps, -LEVELS, LEVELS).astype(np.int8).tobytes())


def changes(found: FilterResponses) -> np.ndarray:
    """f32 (filter, class): Δ of every filter."""
    return np.asarray(found.silenced - found.logits)


def sentence(found: FilterResponses, names: Sequence[str]) -> str:
    """How many of the filters that the answer owes most to must be silenced until it is another one."""
    predicted, other = found.classes
    margin, answers = _margin(found, changes(found)), found.together.argmax(axis=1)
    carrying = int((margin < 0).sum())
    turned = np.flatnonzero(answers[:carrying] != predicted)
    if not carrying:
        return f"No filter of {found.layer} speaks for {names[predicted]} against {names[other]}."
    if not len(turned):
        every = wording.quantity(carrying, "filter")
        return f"The answer stays {names[predicted]} without the {every} that speak for it."
    count = int(turned[0]) + 1
    which, to = _numbers(found.order[:count].tolist()), names[answers[turned[0]]]
    if count == 1:
        return f"Silencing filter {which} turns {names[predicted]} into {to}."
    return (
        f"Silencing the {count} filters that speak most for {names[predicted]} ({which}) turns it into {to}."
    )


def notes(found: FilterResponses) -> list[str]:
    """What else is to be known of them."""
    alone = int((found.silenced.argmax(axis=1) != found.classes[0]).sum())
    of = wording.quantity(len(found.mean), "filter")
    does = "changes" if alone == 1 else "change"
    return [
        f"Alone, {alone} of its {of} {does} the answer." if alone else f"None of its {of} changes it alone.",
        f"Silenced: held at its mean of {found.images:,} training images. "
        f"Patch: {found.patch} px, mean color.",
    ]


def _tile(
    found: FilterResponses, names: Sequence[str], number: int, change: np.ndarray, margin: float
) -> Tile:
    predicted, other = found.classes
    told = f"{names[predicted]} {signed(change[predicted])}, {names[other]} {signed(change[other])}"
    most = int(np.abs(change).argmax())
    further = f"; most {names[most]} {signed(change[most])}" if most not in found.classes else ""
    return {
        "number": number,
        "margin": float(margin),
        "change": [float(change[predicted]), float(change[other])],
        "activation": wording.bare(found.activation[number]),
        "hint": f"Filter {number}: activation {wording.bare(found.activation[number])}, usually "
        f"{wording.bare(found.mean[number])}. Silenced: {told}{further}{_answer(found, names, number)}",
    }


def _chosen(found: FilterResponses, names: Sequence[str], number: int, change: np.ndarray) -> Chosen:
    silenced, before = softmax(found.silenced[number]), softmax(found.logits)
    answer, was = int(silenced.argmax()), found.classes[0]
    others = [index for index in np.argsort(-np.abs(change), kind="stable") if index not in found.classes]
    kept = "still " if answer == was else ""
    activation, usual = wording.bare(found.activation[number]), wording.bare(found.mean[number])
    return {
        "number": number,
        "text": f"Activation {activation}, usually {usual}. "
        f"Silenced, the answer is {kept}{names[answer]} {wording.probability(float(silenced[answer]))} "
        f"(it was {'' if kept else names[was] + ' '}{wording.probability(float(before[was]))}).",
        "classes": [
            _class(index, names, float(change[index]), asked=index in found.classes)
            for index in (*found.classes, *others)
        ],
    }


def _class(index: int, names: Sequence[str], change: float, *, asked: bool) -> ClassChange:
    return {
        "name": names[index],
        "short": shortened(tuple(names), LONGEST)[index],
        "color": class_color(index),
        "change": change,
        "asked": asked,
    }


def _answer(found: FilterResponses, names: Sequence[str], number: int) -> str:
    """Where silencing it alone turns the answer."""
    answer = int(found.silenced[number].argmax())
    return "" if answer == found.classes[0] else f". The answer is then {names[answer]}"


def _margin(found: FilterResponses, change: np.ndarray) -> np.ndarray:
    predicted, other = found.classes
    return np.asarray(change[:, predicted] - change[:, other])


def _numbers(numbers: Sequence[int]) -> str:
    """ "12", "12, 3 and 8", "12, 3, 8, 40 and 5 others"."""
    few = numbers if len(numbers) <= NAMED + 1 else numbers[:NAMED]
    others = len(numbers) - len(few)
    told = [*map(str, few), *([f"{others} others"] if others else [])]
    return wording.enumeration(told)
