"""The parts of images that a unit, or a group, answers most strongly, cut by what it sees."""

import numpy as np

from dashboards.data.class_groups import class_of
from dashboards.data.layers import Column
from dashboards.data.population import Mask, Population
from dashboards.data.units import LayerUnits
from dashboards.kit.elements import Button
from dashboards.kit.pictures import Cut
from dashboards.views.network.comparing import CLASS

PATCHES = 9
ALL = "all"


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


def offers(table: Population, mask: Mask | None) -> tuple[tuple[str, str, str], ...]:
    """Options of whose patches may be shown; the first is the default."""
    first = [("", "of all", "")] if mask is None else [("", "of the selection", ""), (ALL, "of all", "")]
    classes = ((f"{CLASS}{index}", f"of {name}", "") for index, name in enumerate(table.class_names))
    return (*first, *classes)


def reach(column: Column, units: LayerUnits) -> list[tuple[int, int, int]]:
    """Along y and x: (offset, stride, size) in px that a place of `peak` sees; `column` sees by places."""
    assert column.sees is not None
    return [
        (
            column.sees[axis]["offset"],
            column.sees[axis]["stride"] * window,
            column.sees[axis]["size"] + (window - 1) * column.sees[axis]["stride"],
        )
        for axis, window in zip("yx", units.windows, strict=True)
    ]


def patches(
    table: Population, units: LayerUnits, place: int, known: np.ndarray, column: Column
) -> tuple[Button, ...]:
    """Of known images, by their numbers among those: each opens its image."""
    images = table.images(units.rows[known]) if len(known) else ()
    made = []
    for one, image in zip(known.tolist(), images, strict=True):
        row = int(units.rows[one])
        sample, name = int(table.samples[row]), table.class_names[table.filed[row]]
        hint = f"#{sample} {name}: response {units.largest[one, place]:.3g} at its strongest"
        cut = Cut(image.tobytes(), image.shape, _box(table, units, place, one, column))
        made.append(
            Button(
                (cut,),
                "study",
                sample,
                hover=sample,
                look="patch",
                hint=hint,
                label=hint,
                data={"sample": sample},
            )
        )
    return tuple(made)


def _box(
    table: Population, units: LayerUnits, place: int, one: int, column: Column
) -> tuple[int, int, int, int]:
    """Top, left, height and width in px, also beyond the image; all of it where a unit has no places."""
    if column.sees is None or len(column.shape) != 3:
        return 0, 0, *table.image_shape[:2]
    at = divmod(int(units.peak[one, place]), -(-column.shape[1] // units.windows[1]))
    along = reach(column, units)
    top, left = (offset + where * stride for (offset, stride, _), where in zip(along, at, strict=True))
    (_, _, height), (_, _, width) = along
    return top, left, height, width
