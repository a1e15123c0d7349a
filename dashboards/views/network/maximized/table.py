"""Maximized pictures in words and numbers."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypedDict

import numpy as np

from dashboards.data.units import LayerUnits
from dashboards.views.network.unit.patches import PATCHES
from deepvid.config import names
from deepvid.network.switches import MOST, Switches

TITLES: dict[names.Making, str] = {"latent": "in latents", "pixel": "in pixels", "held": "held back"}
HINTS: dict[names.Making, str] = {
    "latent": "The picture that it answers most of those that the autoencoder decodes, no farther from the "
    "middle than images are",
    "pixel": "The picture that it answers most of all: nothing holds its pixels back",
    "held": "The same, with the five switches below",
}
BEFORE = "The picture of the switches before; the new one is being made"
SLIDERS = {
    "decay": ("decay", "The share that every step takes of the difference to the mean image"),
    "blur": ("blur", "Standard deviation, in pixels, of the Gaussian that blurs every fourth step"),
    "values": (
        "values",
        "The share of the numbers that lie nearest to the mean image, and are put back to it",
    ),
    "norms": (
        "norms",
        "The share of the pixels that lie nearest to it, over channels: of gray images as values",
    ),
    "contributions": ("effects", "The share of the pixels that contribute least to the response, put back"),
}
STEPS = {"decay": 0.01, "blur": 0.1, "values": 0.05, "norms": 0.05, "contributions": 0.05}
WARNING = (
    "Believe the images: on the demo's last layer they tell in 89 % which of two others drives a unit, "
    "pictures in latents 77, in pixels 56, held back 55, chance 50."
)


class Tile(TypedDict):
    """Some pictures with their number."""

    name: str
    title: str
    hint: str
    count: int  # pictures of it, one after another; 0: there are none
    ratio: str
    beyond: bool  # whether the unit answers it more than any image
    stale: bool  # whether another one is being made
    waiting: str  # said where there are none
    action: str
    fault: str


class Slider(TypedDict):
    """One of the switches."""

    name: str
    title: str
    hint: str
    value: float
    text: str
    most: float
    step: float


class Lacking(NamedTuple):
    """Why a picture is not there, and what a person can do about it."""

    waiting: str = ""
    action: str = ""
    fault: str = ""


class Known(NamedTuple):
    """One picture of a unit, stored or just made."""

    picture: np.ndarray  # uint8 (y, x, channel)
    response: float
    ratio: float  # to the response of the image that it answers ninth strongest; NaN: that is not positive


def stored(units: LayerUnits, place: int) -> dict[names.Making, Known]:
    """What the stage has made of a unit, by the space."""
    found = units.maximized
    at = np.flatnonzero(found.unit == place) if found is not None else np.zeros(0, np.intp)
    if found is None or not len(at):
        return {}
    return {
        space: Known(
            found.picture[at[0], number],
            float(found.response[at[0], number]),
            float(found.ratio[at[0], number]),
        )
        for number, space in enumerate(found.spaces)
    }


def strongest(units: LayerUnits, place: int) -> np.ndarray:
    """int64 (image,): the nine known images that it answers most, none that it does not answer."""
    largest = units.largest[:, place]
    answered = np.flatnonzero(largest > largest.min(initial=np.inf))
    return answered[np.argsort(-largest[answered], kind="stable")[:PATCHES]]


def images_tile(units: LayerUnits, place: int, rows: np.ndarray, *, pictured: bool) -> Tile:
    """The nine, from the strongest to the measure."""
    largest = units.largest[rows, place]
    whole = len(rows) == PATCHES and largest[-1] > 0
    return {
        "name": "images",
        "title": f"{len(rows)} images" if len(rows) else "images",
        "hint": "The test images that it answers most: the largest response at a place of each. The last of "
        "them is the measure of the pictures beside",
        "count": len(rows),
        "ratio": f"1–{times(largest[0] / largest[-1])}" if whole else "",
        "beyond": False,
        "stale": False,
        "waiting": "It answers no image." if pictured else "The run has no images.",
        "action": "",
        "fault": "",
    }


def tile(
    name: names.Making, known: Known | None, lacking: Lacking, largest: float, *, stale: bool = False
) -> Tile:
    """One picture, or why there is none; `largest` is the response to the strongest image."""
    empty: Tile = {
        "name": name,
        "title": TITLES[name],
        "hint": HINTS[name],
        "count": 0,
        "ratio": "",
        "beyond": False,
        "stale": False,
        "waiting": lacking.waiting,
        "action": lacking.action,
        "fault": lacking.fault,
    }
    if known is None:
        return empty
    measured = bool(np.isfinite(known.ratio))
    return {
        **empty,
        "hint": BEFORE if stale else HINTS[name] + _meant(known, largest),
        "count": 1,
        "ratio": "…" if stale else times(known.ratio) if measured else "no measure",
        "beyond": not stale and measured and known.response > largest,
        "stale": stale,
    }


def sentence(units: LayerUnits, place: int, known: dict[names.Making, Known]) -> str:
    """How far its pictures drive it beyond what images do."""
    unit = f"Unit {int(units.index[place])} of {units.name}"
    driven = {name: one for name, one in known.items() if name != "held" and np.isfinite(one.ratio)}
    if known and not any(one.response > 0 for one in known.values()):
        return f"{unit} answers none of the pictures that were tried: nothing was found that drives it."
    if driven:
        of = " and ".join(f"{TITLES[name]} {times(one.ratio)}" for name, one in driven.items())
        return f"{unit}: a picture {of} as strong as its ninth image"
    if known:
        return f"{unit} answers fewer than {PATCHES} images, so that nothing measures its pictures"
    return f"{unit}: pictures that it answers most"


def sliders(switches: Switches) -> list[Slider]:
    """In the order of the steps they are taken in."""
    return [
        {
            "name": name,
            "title": SLIDERS[name][0],
            "hint": SLIDERS[name][1],
            "value": value,
            "text": f"{value:.2g}" if value else "off",
            "most": getattr(MOST, name),
            "step": STEPS[name],
        }
        for name, value in switches._asdict().items()
    ]


def moved(switches: Switches, value: Any) -> Switches:
    """With one of them moved as a browser says; as they are where that is no switch, or beyond its slider."""
    name, number = (value.get("name"), value.get("value")) if isinstance(value, Mapping) else (None, None)
    if not isinstance(name, str) or name not in SLIDERS:
        return switches
    if not isinstance(number, int | float) or not 0 <= number <= getattr(MOST, name):
        return switches
    return switches._replace(**{name: float(number)})


def times(ratio: float) -> str:
    """ "2.1x"."""
    return f"{ratio:.1f}x" if ratio < 10 else f"{ratio:.0f}x"


def sheet(images: np.ndarray, known: Sequence[Known]) -> bytes:
    """Images (image, y, x, channel), then pictures."""
    return images.tobytes() + b"".join(np.ascontiguousarray(one.picture).tobytes() for one in known)


def _meant(known: Known, largest: float) -> str:
    response = f". Its response is {known.response:.3g}"
    if not np.isfinite(known.ratio):
        return f"{response}; it answers fewer than {PATCHES} images, so that nothing measures that"
    beyond = ": more than to any test image" if known.response > largest else ""
    return f"{response}, {times(known.ratio)} that to the image it answers ninth strongest{beyond}"
