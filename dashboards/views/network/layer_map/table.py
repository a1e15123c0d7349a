"""The maps of all layers, packed for the browser: it slides from one to the next by itself."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from dashboards.data.class_groups import frequent
from dashboards.data.class_labels import shortened
from dashboards.data.layers import Column, Looked
from dashboards.data.population import Mask, Population
from dashboards.kit.moving import Label, pack
from dashboards.theme import class_color
from deepvid.wording import percent, percent_interval

MOST = 20_000  # points that are drawn
BEYOND = 0.0025  # share of the points that may lie beyond each side of the frame
REACH = 4  # median distances from the middle: more of a column do not make the frame larger
LONGEST = 14  # letters of a class
NAMED = 12  # classes whose names stand on the map


class Packed(NamedTuple):
    """Points are the test images, or `MOST` of many, in the order of the stage."""

    rows: np.ndarray  # int32 (point,) of the table
    span: list[float]  # left, bottom, right, top of what is packed
    frame: list[float]  # left, bottom, right, top of what is shown first; far outliers lie beyond it
    position: bytes  # uint16 (column, point, 2), as `pack` makes them
    group: bytes  # uint8 (point,): index of its color
    colors: list[str]  # the last one, empty, is of the other classes
    names: list[Label]
    of: int  # images that there are


@lru_cache(maxsize=4)
def packed(table: Population, looked: Looked) -> Packed:
    """Colors are those of the true classes: of many, the most frequent have one each."""
    layout = looked.layers.layout
    assert layout is not None
    known = np.flatnonzero(looked.rows >= 0)
    drawn = known[np.linspace(0, len(known) - 1, min(MOST, len(known))).astype(int)] if len(known) else known
    rows = looked.rows[drawn]
    place = layout[:, drawn].astype(np.float64)
    reach = float(np.abs(place).max(initial=0)) or 1.0
    span = np.array([[-reach, -reach], [reach, reach]])
    label = table.filed[rows]
    groups = frequent(np.bincount(label, minlength=table.class_count), np.arange(table.class_count))
    group = groups.of_class[label]
    short = shortened(table.class_names, LONGEST)
    names: list[Label] = [
        {
            "text": short[index],
            "color": class_color(index),
            "at": np.median(place[:, group == number], axis=1).round(4).tolist(),
        }
        for number, index in enumerate(groups.classes[:NAMED])
        if (group == number).any()
    ]
    return Packed(
        rows,
        span.ravel().tolist(),
        frame(place),
        pack(place, span),
        group.astype(np.uint8).tobytes(),
        [*(class_color(index) for index in groups.classes), ""],
        names,
        len(known),
    )


def frame(place: np.ndarray) -> list[float]:
    """Left, bottom, right, top that hold all but `BEYOND` of the points (column, point, 2) on each side.

    One frame for all columns: while the map slides, nothing moves but points. Most images of a deep layer may
    lie in one spot and some far away: what is beyond `REACH` counts for nothing.
    """
    if not place.shape[1]:
        return [-1.0, -1.0, 1.0, 1.0]
    low, high = np.quantile(place, [BEYOND, 1 - BEYOND], axis=1)
    middle = np.median(place, axis=1)
    far = REACH * np.median(np.linalg.norm(place - middle[:, None], axis=2), axis=1, keepdims=True)
    far = np.where(far > 0, far, np.inf)
    low, high = np.maximum(low, middle - far).min(axis=0), np.minimum(high, middle + far).max(axis=0)
    room = max(float((high - low).max()), 1e-6) * np.where(high > low, 0, 0.5)
    return [*(low - room).tolist(), *(high + room).tolist()]


def selected(found: Packed, mask: Mask | None) -> bytes:
    """bool (point,); nothing where nothing is selected."""
    return b"" if mask is None else mask[found.rows].tobytes()


def point_of(found: Packed, row: int | None) -> int:
    """The point of a row; -1 where it has none."""
    hit = [] if row is None else np.flatnonzero(found.rows == row).tolist()
    return hit[0] if hit else -1


def trust(column: Column, before: Column | None, method: str) -> str:
    """ "Keeps 0.2 of 10 neighbors [0.2, 0.3], chance 0.1 · …": how much of the picture is to be believed."""
    told = [f"{method} of its code"]
    if column.preservation is not None and column.preservation_chance is not None:
        chance = f"chance {percent(column.preservation_chance, digits=1)}"
        told.append(f"keeps {percent_interval(column.preservation)} of the 10 nearest, {chance}")
    if column.residual is not None and before is not None:
        turned = "mirrored and turned" if column.mirrored else "turned"
        told.append(f"{turned} onto {before.name}, residual {column.residual:.2f} of 1.41")
    return " · ".join(told)
