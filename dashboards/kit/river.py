"""A river: columns of boxes, and ribbons from each to the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from dashboards.kit.elements import Children, Element


class Kind(NamedTuple):
    """Of boxes and ribbons; the color is that of its class, if it is of one."""

    name: str
    short: str
    color: str


class Passage(NamedTuple):
    """Kinds of the boxes that a way goes through, column by column, before a change and after it."""

    before: tuple[int | None, ...]
    after: tuple[int | None, ...]
    says: str


@dataclass(frozen=True)
class River(Element):
    """Boxes (kind, count, selected) of columns, from above, and ribbons (kind, next kind, count, selected).

    A click asks for `act` with {places, shift, ctrl}: [column, kind] of a box, or of both ends of a ribbon.
    """

    act: str
    kinds: tuple[Kind, ...]
    boxes: tuple[tuple[tuple[int, ...], ...], ...]
    ribbons: tuple[tuple[tuple[int, ...], ...], ...]
    says: tuple[str, ...]  # of a column: "look like {name} in conv1"
    total: int  # of a column
    partial: bool  # whether some are selected, so that the rest is pale
    pressed: tuple[tuple[tuple[int, int], ...], ...]  # places
    at: int  # column that is chosen
    way: Passage | None = None
    children: Children = ()  # below the columns, one each

    def accepts(self, value: Any) -> bool:
        match value:
            case {"places": [*places], "shift": bool(), "ctrl": bool()}:
                return self._has(places)
        return False

    def _has(self, places: Sequence[Any]) -> bool:
        """Whether there is a box, or a ribbon, at these places."""
        match places:
            case [[int(column), int(kind)]]:
                ends: tuple[int, ...] = (kind,)
                lines = self.boxes
            case [[int(column), int(here)], [int(beyond), int(there)]] if beyond == column + 1:
                ends, lines = (here, there), self.ribbons
            case _:
                return False
        return 0 <= column < len(lines) and any(each[: len(ends)] == ends for each in lines[column])
