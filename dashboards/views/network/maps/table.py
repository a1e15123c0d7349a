"""Maps of a layer's units for a few images: those first that differ most between the images."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from dashboards.data.class_labels import shortened
from dashboards.data.population import Mask, Population
from dashboards.data.units import LayerUnits
from dashboards.kit.elements import (
    Box,
    Button,
    Choice,
    Element,
    Icon,
    column,
    quiet,
    row,
    swatch,
    text,
    title,
)
from dashboards.kit.pictures import Heat, Picture, Read, Scale
from dashboards.theme import class_color

IMAGES = 4
CHANNELS = 24  # that are shown
LONGEST = 10  # letters of a class
SCALES = {"channel": "a scale for each unit", "all": "one scale for all"}
PIN = "M8 10v4.5M4.5 10h7M5.5 10V5L4.5 2.5h7L10.5 5v5"


class Images(NamedTuple):
    """Those that are compared: their `maps` f32 (place, unit) by the sample, None where they are not here."""

    table: Population
    maps: Mapping[int, np.ndarray | None]
    kept: Sequence[int]
    focus: int | None

    @property
    def known(self) -> int:
        """How many have maps."""
        return sum(each is not None for each in self.maps.values())


class Channel(NamedTuple):
    """A unit, and its maps f32 (image, place), NaN of those that are not here."""

    place: int
    unit: int
    far: float  # how far the images differ in it
    maps: np.ndarray

    @property
    def end(self) -> float:
        """Of its colors, where it has a scale of its own."""
        return float(np.nanmax(np.abs(self.maps))) or 1.0


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


def channels(images: Images, units: LayerUnits, place: int, usual: np.ndarray, places: int) -> list[Channel]:
    """Units to show, with their maps of so many places; that at `place` is among them.

    `usual` (unit,) is how far images differ by chance.
    """
    there = [each[:places] for each in images.maps.values() if each is not None]
    if not there:
        return []
    order, far = ranked(np.stack(there), usual, place)
    unknown = np.full((places, len(far)), np.nan, np.float32)
    values = np.stack([unknown if each is None else each[:places] for each in images.maps.values()])
    return [Channel(at, int(units.index[at]), float(far[at]), values[:, :, at]) for at in order]


def side_by_side(
    images: Images,
    units: LayerUnits,
    place: int,
    found: list[Channel],
    grid: tuple[int, int],
    scale: str,
    absent: Box | None,
) -> Element:
    """Images below each other, and a column of their maps for each unit; `absent` says which are not here."""
    end = max((each.end for each in found), default=1.0)
    columns = (
        _column(each, images, units, grid, end if scale == "all" else each.end, own=each.place == place)
        for each in found
    )
    said = sentence(found, images.known, units.name)
    options = tuple((name, words, "") for name, words in SCALES.items())
    choice = Choice("scale", options, scale, label="Scale of the colors")
    pictures = images.table.images([_row(images.table, sample) for sample in images.maps])
    heads = (_head(images, sample, picture) for sample, picture in zip(images.maps, pictures, strict=True))
    line = Box(
        tuple(columns),
        look="list",
        role="group",
        label=f"Units of {units.name}",
        roving=True,
        follows=f"{units.name} {int(units.index[place])}",
    )
    return column(
        row(title(said) if said else None, choice, look="spread top"),
        Box(
            (Box(tuple(heads), look="images", role="group", label="Images that are compared"), line),
            look="maps",
            style=f"--images: {len(images.maps)}",
        ),
        absent,
        _foot(len(found), len(units.index), grid, f"±{_brief(end)}" if scale == "all" else ""),
    )


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


def sentence(found: Sequence[Channel], images: int, layer: str) -> str:
    """Which unit differs most between the images whose maps are here."""
    if not found:
        return ""
    most = max(found, key=lambda each: round(each.far, 1))
    which = f"unit {most.unit} of {layer}"
    if images == 1:
        return f"One image: {which} answers it most, against how far images usually differ"
    return f"These {images} images differ most in {which}: {most.far:.1f}x the usual difference"


def _column(
    channel: Channel, images: Images, units: LayerUnits, grid: tuple[int, int], end: float, *, own: bool
) -> Button:
    unit, size, cells = channel.unit, _sized(grid), []
    for values, (sample, known) in zip(channel.maps, images.maps.items(), strict=True):
        whose = _hint(images.table, sample)
        at = f"Unit {unit}, {whose}: {{value}} at row {{row}}, column {{column}} of {grid[0]}x{grid[1]}"
        label, held = f"Unit {unit} for {whose}", values.astype("<f4").tobytes()
        unknown = text(look="unknown", style=size, hint="Its maps are not here")
        heat = Heat(held, grid, end, label=label, style=size, says=at)
        cells.append(text(unknown if known is None else heat, look="answer"))
    if images.known > 1:
        far = f"these images differ {channel.far:.2f} times as far as any images do"
    else:
        far = f"its map is {channel.far:.2f} times as large as maps usually differ"
    hint = f"Unit {unit} of {units.name}: {far}"
    return Button(
        (text(text(str(unit), tag="b"), quiet(f"{channel.far:.1f}x"), look="unit"), *cells),
        "unit",
        {"number": units.number, "unit": unit},
        pressed=own,
        look="channel",
        label=hint,
        says=hint,
        data={"unit": unit, "end": str(end)},
    )


def _head(images: Images, sample: int, picture: np.ndarray) -> Box:
    """An image, its class, and a pin that keeps it."""
    table, hint = images.table, _hint(images.table, sample)
    short, (own, said) = shortened(tuple(table.class_names), LONGEST), _classes(table, sample)
    kept, studied = sample in images.kept, sample == images.focus
    pin = f"Let #{sample} go" if kept else f"Keep #{sample}, to compare it with those that are studied next"
    image = Picture(picture.tobytes(), picture.shape, label=hint, style=_sized(picture.shape[:2]))
    study = Button(
        (image,),
        "study",
        sample,
        pressed=studied,
        look="study",
        hint=f"{hint}: under study" if studied else f"{hint}: study it",
        label=hint,
        data={"sample": sample},
    )
    keep = Button(
        (Icon(PIN),),
        "keep",
        sample,
        pressed=kept,
        look="plain keep held" if kept else "plain keep",
        hint=pin,
        label=pin,
        data={"keep": sample},
    )
    name = text(swatch(class_color(own)), short[own], look="name", hint=hint)
    taken = None if said is None else quiet(f"→ {short[said]}", look="name", hint=hint)
    return Box((study, Box((name, taken, keep), look="about")), look="row-head")


def _foot(shown: int, of: int, grid: tuple[int, int], end: str) -> Read:
    """What the pointer is on; else how many units there are, and the scale, which ends at `end` for all."""
    if not shown:
        return Read("", look="told quiet")
    count = f"{shown} of {of} units" if of > shown else f"{shown} units"
    chance = "How many times as far as any images of the run these differ: 1x is chance"
    mean = "Mean response of a place"
    hint = f"{mean}: one scale for all units" if end else f"{mean}: each unit's colors end at its own largest"
    scale = Scale(end or "± its largest", "", hint=hint)
    return Read(
        "",
        (text(f"{count} · {grid[0]}x{grid[1]} places", hint=chance), scale),
        look="told quiet row spread",
    )


def _hint(table: Population, sample: int) -> str:
    own, said = _classes(table, sample)
    taken = "" if said is None else f", taken for {table.class_names[said]}"
    return f"#{sample} {table.class_names[own]}{taken}"


def _classes(table: Population, sample: int) -> tuple[int, int | None]:
    """The class of an image, and another one that it is taken for."""
    row = _row(table, sample)
    own, said = int(table.filed[row]), -1 if table.predicted is None else int(table.predicted[row])
    return own, said if said >= 0 and said != own else None


def _row(table: Population, sample: int) -> int:
    row = table.row_of(sample)
    assert row is not None
    return row


def _sized(shape: tuple[int, ...]) -> str:
    """As large as the card lets all of them be."""
    height, width = (side / max(shape) for side in shape)
    return f"width: calc(var(--side) * {width:.4g}); height: calc(var(--side) * {height:.4g})"


def _brief(value: float) -> str:
    return f"{float(f'{value:.3g}'):g}"
