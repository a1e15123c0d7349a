"""The units of a layer as a matrix: sets of images against units, in the order of what differs."""

from typing import NamedTuple, TypedDict

import numpy as np

from dashboards.data.class_groups import Groups, frequent
from dashboards.data.class_labels import shortened
from dashboards.data.population import Population
from dashboards.data.unit_groups import LayerGroups
from dashboards.data.units import Moments
from dashboards.theme import class_color
from dashboards.views.network.comparing import Compared, Side
from dashboards.views.network.trusting import of_layer
from deepvid.wording import change

LONGEST = 15  # letters beside a row
CLIPPED = (
    0.98  # share of all cells inside the scale of the colors: few bright ones must not gray out the rest
)
FEWEST_SD = 1.0  # the scale of the colors goes so far at least
ORDERS = {"difference": "by difference", "alike": "like beside like", "index": "by number"}


class Row(TypedDict):
    """A set of images."""

    name: str
    short: str
    color: str  # of its class; empty: of the two that are compared
    count: int


class Shown(TypedDict):
    """What is drawn; arrays come beside it, units in this order."""

    number: int  # messages say which one they mean
    layer: str
    word: str  # unit, or group
    units: list[int]  # their numbers
    explained: list[float]  # share of each that classes explain
    rows: list[Row]
    compared: bool  # whether the first two rows are held against each other
    end: float  # of the colors, in sd
    reach: float  # of the bars, in sd
    at: int  # place of the one that is shown in full
    left: int  # classes that are not among the rows
    notes: list[list[str]]  # [text, hint]


class Drawn(NamedTuple):
    """What is shown, and its arrays f32 (row, unit); the first row is the difference, where there is one."""

    shown: Shown
    mean: bytes
    error: bytes


def drawn(table: Population, found: Compared, order: str, mask: np.ndarray | None) -> Drawn:
    """Rows are the selection, what it is compared with, then classes: the selection's commonest first."""
    units = found.units
    place = ordered(found, order)
    groups = _groups(table, mask)
    of_class = units.of_classes(table.filed, table.class_count)
    known = [(index, of_class[index]) for index in groups.classes if of_class[index].images]
    told = [moments for _, moments in known]
    sides = _sides(found)
    ends = np.abs(np.stack([each.mean for each in told])) if told else np.zeros((1, 1))
    every = [*(moments for _, moments in sides), *told]
    lines = [(each.mean, each.error) for each in every]
    if found.difference is not None:
        lines.insert(0, found.difference)
    reach = _reach(found)
    names = shortened(tuple(table.class_names), LONGEST)
    rows: list[Row] = [
        {"name": side.words, "short": side.short, "color": "", "count": moments.images}
        for side, moments in sides
    ]
    rows += [
        {
            "name": table.class_names[index],
            "short": names[index],
            "color": class_color(index),
            "count": moments.images,
        }
        for index, moments in known
    ]
    shown: Shown = {
        "number": id(found) % 2**31,
        "layer": units.name,
        "word": units.word,
        "units": units.index[place].tolist(),
        "explained": units.spread[place].astype(float).round(4).tolist(),
        "rows": rows,
        "compared": found.difference is not None,
        "end": max(FEWEST_SD, float(np.quantile(ends, CLIPPED))),
        "reach": reach,
        "at": int(np.flatnonzero(place == found.unit)[0]),
        "left": table.class_count - len(known),
        "notes": notes(found),
    }
    mean, error = (
        (
            np.stack([np.asarray(line, np.float32)[place] for line in side]).astype("<f4").tobytes()
            if lines
            else b""
            for side in zip(*lines, strict=True)
        )
        if lines
        else (b"", b"")
    )
    return Drawn(shown, mean, error)


def ordered(found: Compared, order: str) -> np.ndarray:
    """int64 (unit,): places of the units from the left. Without a difference or leaves, by number."""
    units = found.units
    if order == "difference" and found.difference is not None and np.isfinite(found.difference.value).all():
        return np.argsort(-found.difference.value, kind="stable")
    if order == "alike" and units.leaf is not None:
        return np.argsort(units.leaf, kind="stable")
    return np.arange(len(units.index))


def title(found: Compared) -> str:
    """ "103 Shirt taken for T-shirt against 712 recognized Shirt, unit 60 most: −1.49 ± 0.05 sd"."""
    if found.first is None:
        return f"How each class differs from all images, {found.units.word} by {found.units.word}"
    if found.second is None or found.difference is None:
        return f"{found.first.words}, with no other image to compare"
    value, error = found.difference
    most = int(found.strongest[0])
    within = "" if np.isnan(error[most]) else f" ± {error[most]:.2f}"
    apart = f"{found.units.word} {found.units.index[most]} most: {change(value[most])}{within} sd"
    return f"{found.first.words} against {found.second.words}, {apart}"


def notes(found: Compared) -> list[list[str]]:
    """[text, hint]: which units these are, and what is not as it was asked for."""
    units = found.units
    pooled = f" · {found.asked} has no {units.word}s of its own" if found.asked else ""
    told = [
        [
            f"{len(units.index)} {units.word}s of {units.name}{pooled}",
            f"A click on another layer's name shows its {units.word}s",
        ]
    ]
    if isinstance(units, LayerGroups):
        told += of_layer(units)
    flat = units.index[units.deviation == 0]
    if len(flat):
        which = ", ".join(map(str, flat[:8]))
        told.append([f"{len(flat)} never change", f"They answer every test image alike: {which}"])
    if found.ungrouped:
        told.append([found.ungrouped, "These are its units, each by itself"])
    if found.lacking:
        told.append([f"{found.lacking[:60]}: the default is shown", "Choose what to compare with above"])
    return told


def _sides(found: Compared) -> list[tuple[Side, Moments]]:
    if found.first is None:
        return []
    if found.second is None or found.of is None:
        return [(found.first, found.units.moments(found.first.mask))]
    return [(found.first, found.of[0]), (found.second, found.of[1])]


def _groups(table: Population, mask: np.ndarray | None) -> Groups:
    """Classes, those first that selected images have or are taken for; of many, the most frequent."""
    count = np.bincount(table.filed, minlength=table.class_count).clip(max=1)
    for said in (table.filed, table.predicted):
        if mask is not None and said is not None:
            chosen = said[mask]
            count = count + 2 * np.bincount(chosen[chosen >= 0], minlength=table.class_count)
    order = (
        np.arange(table.class_count) if table.decisions is None else np.asarray(table.decisions.tree.order)
    )
    if mask is not None:
        order = order[np.argsort(-count[order], kind="stable")]
    return frequent(count, order)


def _reach(found: Compared) -> float:
    if found.difference is None:
        return FEWEST_SD
    value, error = found.difference
    ends = np.abs(value) + np.nan_to_num(error)
    return max(0.5, float(np.nanmax(ends, initial=0)))
