"""One unit, or a group of them: where it answers most, how it answers whom, what it does, what drives it."""

from collections.abc import Sequence
from typing import NamedTuple, TypedDict

import numpy as np

from dashboards.data import wording
from dashboards.data.class_groups import class_of
from dashboards.data.layers import Column, Layers
from dashboards.data.naming import shortened
from dashboards.data.population import Mask, Population
from dashboards.data.unit_groups import LayerGroups
from dashboards.data.units import LayerUnits
from dashboards.session.gestures import GroupResponse, Response
from dashboards.session.gestures.answers import Answers
from dashboards.session.selection import Mode, Steps
from dashboards.theme import class_color
from dashboards.views.network.comparing import CLASS, Compared
from dashboards.views.network.trusting import adding_up, of_group

PATCHES = 9
INPUTS = 5
BINS = 48
LOGITS = 10  # that are told at most
LONGEST = 12  # letters of a class
ALL = "all"
SHARE = 0.1  # of the images, those that answer most or least


class Patch(TypedDict):
    """A part of an image."""

    sample: int
    box: list[int]  # top, left, height, width: px, also beyond the image
    hint: str


class Effect(TypedDict):
    """What silencing the unit, or taking the group away, changes of a logit."""

    name: str
    short: str
    color: str
    change: float
    error: float | None
    hint: str


class Source(TypedDict):
    """A unit of the layer before; of a group, one of its own units."""

    unit: int
    moved: float  # sd of this unit, with the sign of what more of that one does; of a group, its share


class Shown(TypedDict):
    """All of it."""

    number: int  # messages say which one they mean
    layer: str
    word: str  # unit, or group
    unit: int
    facts: list[list[str]]  # [text, hint]
    picture: list[int]  # y, x, channel of the images
    patches: list[Patch]
    none: str  # said where there are no patches
    edges: list[float]  # of the bins, one more than there are
    every: list[int]  # images in each bin
    chosen: list[int]  # of them, those that are selected; empty: nothing is
    bands: list[list[float]]  # [low, high] of the gestures on this unit
    effects: list[Effect]
    reach: float  # of the bars, in logits
    whose: str  # on which images effects are told
    lacking: str  # said where there are no effects
    before: str  # the layer of the sources
    sources: list[Source]
    closed: list[int]  # of them, those that cannot be opened, for they are not kept


class Drawn(NamedTuple):
    """What is shown, and its pictures: uint8 (patch, y, x, channel), whole images."""

    shown: Shown
    images: bytes


def drawn(
    table: Population, layers: Layers, found: Compared, steps: Steps, mask: Mask | None, patches: str
) -> Drawn:
    """The unit, or group, in full that the page shows."""
    units, place = found.units, found.unit
    column = layers.columns[units.number]
    among, words = whose_patches(table, mask, patches)
    best = strongest(units, place, among)
    edges = _edges(units.response[:, place])
    chosen = None if mask is None else mask[units.rows]
    effects, whose = _effects(table, found, mask)
    lacking = "" if effects else _lacking(units, layers)
    shown: Shown = {
        "number": id(found) % 2**31,
        "layer": units.name,
        "word": units.word,
        "unit": int(units.index[place]),
        "facts": _facts(table, layers, column, units, place),
        "picture": list(table.image_shape),
        "patches": [_patch(table, units, place, one, column) for one in best.tolist()],
        "none": "" if len(best) else f"It answers no image of {words}.",
        "edges": edges.tolist(),
        "every": np.histogram(units.response[:, place], edges)[0].tolist(),
        "chosen": [] if chosen is None else np.histogram(units.response[chosen, place], edges)[0].tolist(),
        "bands": [
            [gesture.low, gesture.high]
            for mode, gesture in steps
            if isinstance(gesture, Answers)
            and mode is not Mode.SUBTRACT
            and gesture == answering(units, place, gesture.low, gesture.high)
        ],
        "effects": effects,
        "reach": max((abs(one["change"]) + (one["error"] or 0) for one in effects), default=1.0) or 1.0,
        "whose": whose,
        "lacking": lacking,
        "before": _before(units, layers),
        "sources": _sources(units, place),
        "closed": _closed(units, place),
    }
    return Drawn(shown, table.images(units.rows[best]).tobytes() if len(best) else b"")


def strongest(units: LayerUnits, place: int, among: Mask) -> np.ndarray:
    """int64 (patch,): of the known images in a mask, those with the largest response of a unit somewhere.

    None that it does not answer: whose largest response is the smallest there is.
    """
    largest = units.largest[:, place]
    rows = np.flatnonzero(among[units.rows] & (largest > largest.min(initial=np.inf)))
    return rows[np.argsort(-largest[rows], kind="stable")[:PATCHES]]


def whose_patches(table: Population, mask: Mask | None, patches: str) -> tuple[Mask, str]:
    """Which images are asked for the strongest, and words for them."""
    everything = np.ones(table.rows, np.bool_)
    index = class_of(patches.removeprefix(CLASS), table.class_count) if patches.startswith(CLASS) else None
    if index is not None:
        return table.filed == index, table.class_names[index]
    if patches == ALL or mask is None:
        return everything, "the run"
    return mask, "the selection"


def offers(table: Population, mask: Mask | None) -> list[list[str]]:
    """[value, text] of whose patches may be shown; the first is the default."""
    first = [["", "of all"]] if mask is None else [["", "of the selection"], [ALL, "of all"]]
    return [*first, *([f"{CLASS}{index}", f"of {name}"] for index, name in enumerate(table.class_names))]


def answering(units: LayerUnits, place: int, low: float, high: float) -> Answers:
    """The gesture that means the images which a unit, or a group, answers so."""
    if isinstance(units, LayerGroups):
        return GroupResponse.drawn(units.name, int(units.index[place]), low, high)
    return Response.drawn(units.name, int(units.index[place]), low, high)


def extreme(units: LayerUnits, place: int, *, least: bool) -> Answers:
    """A tenth of the images: those that it answers least, or most."""
    response = units.response[:, place]
    ends = (
        (response.min(), np.quantile(response, SHARE))
        if least
        else (np.quantile(response, 1 - SHARE), response.max())
    )
    return answering(units, place, *map(float, ends))


def _edges(response: np.ndarray) -> np.ndarray:
    low, high = float(response.min(initial=np.inf)), float(response.max(initial=-np.inf))
    if not low < high:
        low, high = (low - 0.5, low + 0.5) if np.isfinite(low) else (0.0, 1.0)
    return np.linspace(low, high, BINS + 1)


def _facts(
    table: Population, layers: Layers, column: Column, units: LayerUnits, place: int
) -> list[list[str]]:
    chance = min(1, (table.class_count - 1) / max(1, layers.told["training_images"] - 1))
    explained = f"classes explain {100 * units.spread[place]:.0f} % (chance {100 * chance:.1f} %)"
    hint = "Share of the variance of its mean response that lies between classes, over training images: η²"
    if column.sees is None:
        seen = ["sees all of the image", "It has one response for an image, and no places"]
    else:
        y, x, _ = table.image_shape
        sizes = [size for _, _, size in _reach(column, units)]
        seen = [
            f"sees {sizes[0]}x{sizes[1]} of {y}x{x} px",
            "At each place, measured by gradients; patches are cut by it",
        ]
    return [[explained, hint], seen, *(of_group(units, place) if isinstance(units, LayerGroups) else [])]


def _reach(column: Column, units: LayerUnits) -> list[tuple[int, int, int]]:
    """Along y and x: (offset, stride, size) that a place of `peak` sees."""
    assert column.sees is not None
    return [
        (
            column.sees[axis]["offset"],
            column.sees[axis]["stride"] * window,
            column.sees[axis]["size"] + (window - 1) * column.sees[axis]["stride"],
        )
        for axis, window in zip("yx", units.windows, strict=True)
    ]


def _patch(table: Population, units: LayerUnits, place: int, one: int, column: Column) -> Patch:
    row = int(units.rows[one])
    y, x, _ = table.image_shape
    box = [0, 0, y, x]
    if column.sees is not None and len(column.shape) == 3:
        at = divmod(int(units.peak[one, place]), -(-column.shape[1] // units.windows[1]))
        reach = _reach(column, units)
        box = [
            *(offset + where * stride for (offset, stride, _), where in zip(reach, at, strict=True)),
            *(size for _, _, size in reach),
        ]
    name = table.class_names[table.filed[row]]
    hint = f"#{int(table.samples[row])} {name}: response {units.largest[one, place]:.3g} at its strongest"
    return {"sample": int(table.samples[row]), "box": box, "hint": hint}


def _effects(table: Population, found: Compared, mask: Mask | None) -> tuple[list[Effect], str]:
    """On the classes of the selection, in its shares, else on the class that it answers most: over all they
    cancel. Of many logits, those that change most.
    """
    count = _counted(table, found, mask)
    change, error = _changed(table, found, mask, count)
    if not (len(change) and np.isfinite(change).all()):
        return [], ""
    most = np.sort(np.argsort(-np.abs(change), kind="stable")[:LOGITS])
    short = shortened(tuple(table.class_names), LONGEST)
    of = np.argsort(-count, kind="stable")[: np.count_nonzero(count)]
    if mask is None:
        whose = f"{table.class_names[of[0]]}, its strongest"
    elif _exact(found.units):
        whose = wording.counted(int(np.count_nonzero(mask)), "selected image")
    else:
        whose = _whose(table, of.tolist(), count)
    return [
        {
            "name": table.class_names[index],
            "short": short[index],
            "color": class_color(index),
            "change": float(change[index]),
            "error": None if np.isnan(error[index]) else float(error[index]),
            "hint": _rows(table, found, of[:4].tolist(), index),
        }
        for index in most.tolist()
    ], whose


def _counted(table: Population, found: Compared, mask: Mask | None) -> np.ndarray:
    """How much each class counts: its selected images, or one of the class that is answered most."""
    if mask is not None:
        return np.bincount(table.filed[mask], minlength=table.class_count)
    of_class = found.units.of_classes(table.filed, table.class_count)
    response = [np.nan_to_num(each.mean[found.unit], nan=-np.inf) for each in of_class]
    return (np.arange(table.class_count) == np.argmax(response)).astype(int)


def _changed(
    table: Population, found: Compared, mask: Mask | None, count: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Of each logit with its standard error; empty where nothing is known."""
    units = found.units
    if isinstance(units, LayerGroups) and units.adds is not None:
        among = np.isin(table.filed, np.flatnonzero(count)) if mask is None else mask
        return units.without(found.unit, among)
    if units.doing is None:
        nothing = np.zeros(0, np.float32)
        return nothing, nothing
    return units.doing.weighted(found.unit, count / max(1, count.sum()))


def _exact(units: LayerUnits) -> bool:
    """Whether what becomes of the logits is told of the selection itself, not of its classes."""
    return isinstance(units, LayerGroups) and units.adds is not None


def _whose(table: Population, of: Sequence[int], count: np.ndarray) -> str:
    """ "100 % Shirt", "60 % Shirt + 30 % Coat + 10 % others": how effects are weighted."""
    total = max(1, int(count.sum()))
    told = [f"{100 * count[index] / total:.0f} % {table.class_names[index]}" for index in of[:2]]
    rest = total - int(count[list(of[:2])].sum())
    return " + ".join([*told, *([f"{100 * rest / total:.0f} % others"] if rest else [])])


def _rows(table: Population, found: Compared, of: Sequence[int], logit: int) -> str:
    """What silencing does to one logit on the images of each class."""
    doing, units = found.units.doing, found.units
    if isinstance(units, LayerGroups) and units.adds is not None:
        return adding_up(units, found.unit, logit, table.class_names[logit])
    assert doing is not None
    lines = [
        f"{doing.change[found.unit, index, logit]:+.2f} ± {doing.error[found.unit, index, logit]:.2f} on "
        f"{doing.images[index]:,} images of {table.class_names[index]}"
        for index in of
    ]
    return "\n".join([f"Logit of {table.class_names[logit]}, in nats:", *lines]).replace("-", "−")


def _lacking(units: LayerUnits, layers: Layers) -> str:
    if isinstance(units, LayerGroups) and units.doing is None:
        return "What becomes of the logits without it is stored for no more than a few hundred classes."
    if units.doing is not None:
        return "What it does was measured on no image of these classes."
    if layers.columns[units.number].parameters is None:
        return "What it does was not measured: this classifier was trained elsewhere, and answers alone."
    if "silenced" not in layers.told:
        return "What it does was not measured yet: look into the layers again."
    return "What it does was not measured: the network is too wide, or it was not asked for."


def _before(units: LayerUnits, layers: Layers) -> str:
    doing = units.doing
    if isinstance(units, LayerGroups):
        return units.name
    return "" if doing is None or doing.before is None else layers.names[doing.before]


def _sources(units: LayerUnits, place: int) -> list[Source]:
    doing = units.doing
    if isinstance(units, LayerGroups):
        share = units.members[place]
        most = np.argsort(-share, kind="stable")[:INPUTS]
        return [{"unit": one, "moved": float(share[one])} for one in most.tolist() if share[one] > 0]
    if doing is None or doing.before is None:
        return []
    moved = doing.moved[place]
    most = np.argsort(-np.abs(moved), kind="stable")[:INPUTS]
    return [{"unit": int(doing.source[one]), "moved": float(moved[one])} for one in most.tolist()]


def _closed(units: LayerUnits, place: int) -> list[int]:
    if not isinstance(units, LayerGroups):
        return []
    return [one["unit"] for one in _sources(units, place) if one["unit"] not in units.opened]
