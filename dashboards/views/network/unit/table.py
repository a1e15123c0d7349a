"""One unit, or a group of them: where it answers most, how it answers whom, what it does, what drives it."""

from collections.abc import Sequence
from typing import NamedTuple, TypedDict

import numpy as np

from dashboards.data.class_labels import shortened
from dashboards.data.layers import Column, Layers
from dashboards.data.population import Mask, Population
from dashboards.session.gestures.response import Answers
from dashboards.session.selection import Mode, Steps
from dashboards.theme import class_color
from dashboards.views.network.comparing import Compared
from dashboards.views.network.unit.of_group import shown_in_full
from dashboards.views.network.unit.of_unit import OfUnit, Source
from dashboards.views.network.unit.patches import Patch, patch, reach, strongest, whose_patches
from deepvid import wording

BINS = 48
LOGITS = 10  # that are told at most
LONGEST = 12  # letters of a class


class Effect(TypedDict):
    """What silencing the unit, or taking the group away, changes of a logit."""

    name: str
    short: str
    color: str
    change: float
    error: float | None
    hint: str


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
    units, place, told = found.units, found.unit, shown_in_full(found)
    column = layers.columns[units.number]
    among, words = whose_patches(table, mask, patches)
    best = strongest(units, place, among)
    edges = _edges(units.response[:, place])
    chosen = None if mask is None else mask[units.rows]
    effects, whose = _effects(table, told, mask)
    shown: Shown = {
        "number": id(found) % 2**31,
        "layer": units.name,
        "word": units.word,
        "unit": told.index,
        "facts": [*_facts(table, layers, column, told), *told.facts()],
        "picture": list(table.image_shape),
        "patches": [patch(table, units, place, one, column) for one in best.tolist()],
        "none": "" if len(best) else f"It answers no image of {words}.",
        "edges": edges.tolist(),
        "every": np.histogram(units.response[:, place], edges)[0].tolist(),
        "chosen": [] if chosen is None else np.histogram(units.response[chosen, place], edges)[0].tolist(),
        "bands": [
            [gesture.low, gesture.high]
            for mode, gesture in steps
            if isinstance(gesture, Answers)
            and mode is not Mode.SUBTRACT
            and gesture == told.answering(gesture.low, gesture.high)
        ],
        "effects": effects,
        "reach": max((abs(one["change"]) + (one["error"] or 0) for one in effects), default=1.0) or 1.0,
        "whose": whose,
        "lacking": "" if effects else told.lacking(layers),
        "before": told.before(layers),
        "sources": told.sources(),
        "closed": told.closed(),
    }
    return Drawn(shown, table.images(units.rows[best]).tobytes() if len(best) else b"")


def _edges(response: np.ndarray) -> np.ndarray:
    low, high = float(response.min(initial=np.inf)), float(response.max(initial=-np.inf))
    if not low < high:
        low, high = (low - 0.5, low + 0.5) if np.isfinite(low) else (0.0, 1.0)
    return np.linspace(low, high, BINS + 1)


def _facts(table: Population, layers: Layers, column: Column, told: OfUnit) -> list[list[str]]:
    chance = min(1, (table.class_count - 1) / max(1, layers.attrs["training_images"] - 1))
    share = wording.percent(told.units.spread[told.place])
    explained = f"classes explain {share} (chance {wording.percent(chance, digits=1)})"
    hint = "Share of the variance of its mean response that lies between classes, over training images: η²"
    if column.sees is None:
        seen = ["sees all of the image", "It has one response for an image, and no places"]
    else:
        y, x, _ = table.image_shape
        sizes = [size for _, _, size in reach(column, told.units)]
        seen = [
            f"sees {sizes[0]}x{sizes[1]} of {y}x{x} px",
            "At each place, measured by gradients; patches are cut by it",
        ]
    return [[explained, hint], seen]


def _effects(table: Population, told: OfUnit, mask: Mask | None) -> tuple[list[Effect], str]:
    """On the classes of the selection, in its shares, else on the class that it answers most: over all they
    cancel. Of many logits, those that change most.
    """
    count = _counted(table, told, mask)
    change, error = told.changed(table, count, mask)
    if not (len(change) and np.isfinite(change).all()):
        return [], ""
    most = np.sort(np.argsort(-np.abs(change), kind="stable")[:LOGITS])
    short = shortened(tuple(table.class_names), LONGEST)
    of = np.argsort(-count, kind="stable")[: np.count_nonzero(count)]
    if mask is None:
        whose = f"{table.class_names[of[0]]}, its strongest"
    elif told.of_selection():
        whose = wording.quantity(int(np.count_nonzero(mask)), "selected image")
    else:
        whose = _whose(table, of.tolist(), count)
    return [
        {
            "name": table.class_names[index],
            "short": short[index],
            "color": class_color(index),
            "change": float(change[index]),
            "error": None if np.isnan(error[index]) else float(error[index]),
            "hint": told.told(table, of[:4].tolist(), index),
        }
        for index in most.tolist()
    ], whose


def _counted(table: Population, told: OfUnit, mask: Mask | None) -> np.ndarray:
    """How much each class counts: its selected images, or one of the class that is answered most."""
    if mask is not None:
        return np.bincount(table.filed[mask], minlength=table.class_count)
    of_class = told.units.of_classes(table.filed, table.class_count)
    response = [np.nan_to_num(each.mean[told.place], nan=-np.inf) for each in of_class]
    return (np.arange(table.class_count) == np.argmax(response)).astype(int)


def _whose(table: Population, of: Sequence[int], count: np.ndarray) -> str:
    """ "100 % Shirt", "60 % Shirt + 30 % Coat + 10 % others": how effects are weighted."""
    total = max(1, int(count.sum()))
    told = [f"{wording.percent(count[index], total)} {table.class_names[index]}" for index in of[:2]]
    rest = total - int(count[list(of[:2])].sum())
    return " + ".join([*told, *([f"{wording.percent(rest, total)} others"] if rest else [])])
