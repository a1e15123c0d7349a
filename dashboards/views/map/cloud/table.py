"""What a picture of three dimensions shows of a run: points, their colors, the names among them."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import NamedTuple

import numpy as np

from dashboards.data.maps import Map3D
from dashboards.data.population import Mask, Population
from dashboards.views.map.coloring import coloring, named_groups

MOST_POINTS = 70_000  # of larger maps a random subset is drawn; a lasso means all of them
_COVERED = 1.0  # a group of less weight lies under the others

_numbers = count(1)


@dataclass(frozen=True, eq=False)
class Cloud:
    """The points of a map, around the middle of the map and in units of its radius."""

    chosen: Map3D
    number: int  # no other cloud has it
    rows: np.ndarray  # int32 (point,)
    position: np.ndarray  # f32 (point, 3), none farther than 1 from the middle
    middle: tuple[float, ...]  # (3,), as the map has it
    radius: float
    placed: int  # rows that have a position, drawn or not


class Name(NamedTuple):
    """A group's name at the middle of its points."""

    at: tuple[float, ...]  # (3,), as `Cloud.position`
    text: str
    color: str


class Shades(NamedTuple):
    """uint8 (point,): the color of each point. Color 0 is that of what is not selected."""

    of_point: np.ndarray
    colors: tuple[str, ...]
    front: tuple[bool, ...]  # lies over what is not


@lru_cache(maxsize=16)  # of all sessions; below a megabyte each
def cloud(chosen: Map3D) -> Cloud:
    """The same points for every selection and color."""
    rows = np.flatnonzero(np.isfinite(chosen.position).all(axis=1)).astype(np.int32)
    drawn = rows
    if len(rows) > MOST_POINTS:
        drawn = np.sort(np.random.default_rng(0).choice(rows, MOST_POINTS, replace=False))
    position = chosen.position[rows].astype(np.float64)
    ends = (position.min(axis=0), position.max(axis=0)) if len(rows) else (np.zeros(3), np.zeros(3))
    middle = (ends[0] + ends[1]) / 2
    radius = float(np.sqrt(((position - middle) ** 2).sum(axis=1)).max(initial=0)) or 1.0
    unit = ((chosen.position[drawn] - middle) / radius).astype(np.float32)
    return Cloud(chosen, next(_numbers), drawn, unit, tuple(middle.tolist()), radius, len(rows))


def shades(table: Population, shown: Cloud, color: str, mask: Mask | None) -> Shades:
    """The colors that the flat map has, too; what is outside of the mask is quiet."""
    group, groups = coloring(table, color)
    of_point = group[shown.rows]
    if mask is not None:
        of_point = of_point * mask[shown.rows]
    return Shades(
        of_point,
        tuple(one.color for one in groups),
        tuple(index > 0 and one.weight >= _COVERED for index, one in enumerate(groups)),
    )


@lru_cache(maxsize=6)
def names(table: Population, shown: Cloud, color: str) -> tuple[Name, ...]:
    """The groups' names, each at the median of its points; none where colors are no classes."""
    group = coloring(table, color).group[shown.rows]
    found = []
    for index, text, shade in named_groups(table, color):
        points = shown.position[group == index]
        if len(points):
            at = tuple(float(side) for side in np.median(points, axis=0))
            found.append(Name(at, text, shade))
    return tuple(found)


def place(shown: Cloud, row: int) -> list[float] | None:
    """Where a row is, as `Cloud.position`, also where it is not drawn; None where it is not on the map."""
    at = (shown.chosen.position[row] - np.array(shown.middle)) / shown.radius
    return [float(side) for side in at] if np.isfinite(at).all() else None
