"""Places in a plot that keys lead to, one after another."""

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

import numpy as np

DIRECTIONS = {"left": (-1, 0), "right": (1, 0), "up": (0, 1), "down": (0, -1)}


T = TypeVar("T")


class Spots(NamedTuple, Generic[T]):
    """Where they lie, in units of the plot whose axes are equally long: f64 (spot,) each."""

    x: np.ndarray
    y: np.ndarray
    text: Callable[[int], str]  # what a spot is, for eyes and for screen readers
    means: Callable[[int], T]  # what Enter selects there, as the view knows it


def first(spots: Spots[T]) -> int | None:
    """The one nearest to the upper left corner; None where there is none."""
    return int(np.argmin(spots.x - spots.y)) if len(spots.x) else None


def toward(spots: Spots[T], here: int, direction: str) -> int:
    """The next one in a direction, one of `DIRECTIONS`; where there is none, the same.

    It is the one of least a + 3 |b|, where a > 0 is its distance along the direction and b beside it.
    """
    right, up = DIRECTIONS[direction]
    dx, dy = spots.x - spots.x[here], spots.y - spots.y[here]
    along, beside = right * dx + up * dy, np.abs(up * dx - right * dy)
    cost = np.where(along > 1e-9, along + 3 * beside, np.inf)
    best = int(np.argmin(cost))
    return best if np.isfinite(cost[best]) else here


def same(spots: Spots[T], here: int, meant: T) -> int | None:
    """The spot that means this, looked for at `here` first; None where it is no more."""
    around = [here] if here < len(spots.x) else []
    return next((at for at in (*around, *range(len(spots.x))) if spots.means(at) == meant), None)
