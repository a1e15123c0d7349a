"""An element of the synthetic neighbors of an image."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from dashboards.kit.elements import Children, Element


class TileClass(NamedTuple):
    """A class, and how many are of it, with those that have no tile."""

    name: str
    short: str
    color: str
    images: int


@dataclass(frozen=True)
class NeighborTiles(Element):
    """Neighbors of a `sample` as tiles, uint8 (tile, y, x, channel), below a sentence: in an order, and of a
    class alone, as a person likes.

    One of them can be chosen: asks for `show` with {sample, number}, and with number None when none is any
    more. Two of the `children` stand around the button for that, the others below.
    """

    sample: int
    title: str
    pixels: bytes
    shape: tuple[int, ...]
    classes: tuple[TileClass, ...]  # the commonest first
    held_out: int  # first number of those that are held out of the fit
    number: bytes  # int32 (tile,)
    group: bytes  # int32 (tile,): index of its class
    confidence: bytes  # float32 (tile,): the probability of the class
    distance: bytes  # float32 (tile,): from the sample
    children: Children = ()

    def numbers(self) -> list[int]:
        """Numbers of the tiles."""
        return [int(number) for number in np.frombuffer(self.number, "<i4")]

    def offers(self, action: str, value: Any) -> bool:
        match action, value:
            case "show", {"sample": self.sample, "number": number}:
                return number is None or (type(number) is int and number in self.numbers())
        return False
