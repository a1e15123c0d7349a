"""Maps of a layer's units for a few images: those first that differ most between the images."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypedDict

import numpy as np

from dashboards.data.class_labels import shortened
from dashboards.data.population import Mask, Population
from dashboards.data.units import LayerUnits
from dashboards.theme import class_color

IMAGES = 4
CHANNELS = 24  # that are shown
LONGEST = 10  # letters of a class
SCALES = {"channel": "a scale for each unit", "all": "one scale for all"}


class Pictured(TypedDict):
    """One of the images."""

    sample: int
    name: str
    color: str
    predicted: str  # empty: it is recognized, or nothing is known
    held: bool  # it stays when another is studied
    studied: bool
    known: bool  # whether its maps are here
    hint: str


class Channel(TypedDict):
    """A unit with its maps."""

    unit: int
    text: str  # how far the images differ in it
    hint: str
    own: bool  # the one that the page shows
    end: float  # of its colors, where it has a scale of its own


class Shown(TypedDict):
    """All of them."""

    number: int  # of the column: messages say which one they mean
    layer: str
    grid: list[int]  # places (y, x)
    picture: list[int]  # y, x, channel of the images
    images: list[Pictured]
    channels: list[Channel]
    end: float  # of the colors, where all have one scale
    scale: str
    scales: list[list[str]]  # [value, text]
    more: int  # units that are not shown


class Drawn(NamedTuple):
    """What is shown, maps f32 (channel, image, place), NaN of those that are not here, and pictures."""

    shown: Shown
    maps: bytes
    images: bytes


def compared_images(
    table: Population, kept: Sequence[int], focus: int | None, pin: int | None, mask: Mask | None
) -> list[int]:
    """Samples, at most four: what a person keeps, what is under study and what is pinned; while nobody keeps
    any, `offered` ones fill it up.
    """
    samples = [*kept, *(one for one in (focus, pin) if one is not None)]
    if not kept:
        samples += offered(table, focus, mask)
    there = [sample for sample in dict.fromkeys(samples) if table.row_of(sample) is not None]
    return there[:IMAGES]


def offered(table: Population, focus: int | None, mask: Mask | None) -> list[int]:
    """Samples to compare with: the first that are selected. Where nothing is, the first recognized images of
    the class of the image under study and of what it is taken for; without one the first misclassified ones.
    """
    row = None if focus is None else table.row_of(focus)
    if mask is None and row is not None and table.predicted is not None and table.wrong is not None:
        recognized = (table.predicted >= 0) & ~table.wrong
        recognized[row] = False
        classes = dict.fromkeys([int(table.filed[row]), int(table.predicted[row])])
        found = [np.flatnonzero(recognized & (table.filed == index))[:1] for index in classes]
        return [int(table.samples[first[0]]) for first in found if len(first)]
    among = mask if mask is not None else table.wrong
    first = np.arange(0) if among is None else np.flatnonzero(among)[: 2 * IMAGES]
    return [int(sample) for sample in table.samples[first]]


def read(text: str) -> list[int]:
    """The samples that an address keeps: "10021,10035"; what is no number is left out."""
    parts = text.split(",", IMAGES)[:IMAGES]
    return list(dict.fromkeys(int(part) for part in parts if part.isdecimal() and len(part) <= 12))


def written(samples: Sequence[int]) -> str:
    return ",".join(map(str, samples))


def drawn(
    table: Population,
    units: LayerUnits,
    place: int,
    usual: np.ndarray,
    grid: tuple[int, int],
    maps: Mapping[int, np.ndarray | None],
    kept: Sequence[int],
    focus: int | None,
    scale: str,
) -> Drawn:
    """`maps` are f32 (place, unit) by the sample, of those that are here; the unit at `place` is among the
    channels; `usual` (unit,) is how far images differ by chance.
    """
    there = [each for each in maps.values() if each is not None]
    values = np.stack([each[: grid[0] * grid[1]] for each in there]) if there else None
    chosen, far = ([], np.zeros(0)) if values is None else ranked(values, usual, place)
    shown_maps = np.full((len(chosen), len(maps), grid[0] * grid[1]), np.nan, np.float32)
    for number, each in enumerate(maps.values()):
        if each is not None:
            shown_maps[:, number] = each[: grid[0] * grid[1], chosen].T
    ends = [float(np.nanmax(np.abs(each))) or 1.0 for each in shown_maps]
    several = len(there) > 1
    channels: list[Channel] = [
        {
            "unit": int(units.index[one]),
            "text": f"{far[one]:.1f}x",
            "hint": _hint(int(units.index[one]), units.name, float(far[one]), several=several),
            "own": one == place,
            "end": end,
        }
        for one, end in zip(chosen, ends, strict=True)
    ]
    samples = list(maps)
    shown: Shown = {
        "number": units.number,
        "layer": units.name,
        "grid": list(grid),
        "picture": list(table.image_shape),
        "images": [_pictured(table, sample, kept, focus, maps[sample] is not None) for sample in samples],
        "channels": channels,
        "end": max(ends, default=1.0),
        "scale": scale,
        "scales": [[name, text] for name, text in SCALES.items()],
        "more": len(units.index) - len(chosen),
    }
    rows = [row for sample in samples if (row := table.row_of(sample)) is not None]
    return Drawn(shown, shown_maps.astype("<f4").tobytes(), table.images(rows).tobytes() if rows else b"")


def ranked(values: np.ndarray, usual: np.ndarray, place: int) -> tuple[list[int], np.ndarray]:
    """The units to show, those first that differ most between images, f32 (image, place, unit), and how far
    each does: sqrt(mean_p var_i) / usual, 1 of any images. Of one image it is how large its map is.

    The unit at `place` comes first where it is not among them.
    """
    flat = usual <= 0
    square = values.var(axis=0, ddof=1) if len(values) > 1 else values[0] ** 2
    far = np.sqrt(square.mean(axis=0)) / np.where(flat, 1, usual) * ~flat
    first = np.argsort(-far, kind="stable")[:CHANNELS].tolist()
    return (first if place in first else [place, *first[:-1]]), far


def sentence(shown: Shown) -> str:
    """Which unit differs most."""
    here = [image for image in shown["images"] if image["known"]]
    if not here or not shown["channels"]:
        return ""
    most = max(shown["channels"], key=lambda channel: float(channel["text"].removesuffix("x")))
    which = f"unit {most['unit']} of {shown['layer']}"
    if len(here) == 1:
        return f"One image: {which} answers it most, against how far images usually differ"
    return f"These {len(here)} images differ most in {which}: {most['text']} the usual difference"


def _hint(unit: int, layer: str, far: float, *, several: bool) -> str:
    if not several:
        return f"Unit {unit} of {layer}: its map is {far:.2f} times as large as maps usually differ"
    return f"Unit {unit} of {layer}: these images differ {far:.2f} times as far as any images do"


def _pictured(
    table: Population, sample: int, kept: Sequence[int], focus: int | None, known: bool
) -> Pictured:
    row = table.row_of(sample)
    assert row is not None
    own, said = int(table.filed[row]), None if table.predicted is None else int(table.predicted[row])
    short = shortened(tuple(table.class_names), LONGEST)
    wrong = said is not None and said >= 0 and said != own
    taken = f", taken for {table.class_names[said]}" if wrong and said is not None else ""
    return {
        "sample": sample,
        "name": short[own],
        "color": class_color(own),
        "predicted": short[said] if wrong and said is not None else "",
        "held": sample in kept,
        "studied": sample == focus,
        "known": known,
        "hint": f"#{sample} {table.class_names[own]}{taken}",
    }
