"""A lasso or a box on a map."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from dashboards.data.population import Mask, Population
from dashboards.session.gestures.contract import Gesture
from deepvid import wording
from deepvid.errors import DataError

DIGITS = 5  # of a coordinate: a hundred-thousandth of a map's width


@dataclass(frozen=True)
class Polygon(Gesture):
    """Corners in the map's data coordinates, as `drawn` rounds them; the last edge closes it."""

    kind: ClassVar[str] = "polygon"

    map: str
    x: tuple[float, ...]
    y: tuple[float, ...]

    @classmethod
    def drawn(cls, map_name: str, x: Iterable[float], y: Iterable[float]) -> "Polygon":
        """Rounded before it selects anything, so that a link to it selects the same rows."""
        return cls(map_name, tuple(map(_rounded, x)), tuple(map(_rounded, y)))

    @classmethod
    def parse(cls, value: Any) -> "Polygon":
        polygon = cls.drawn(str(value["map"]), value["x"], value["y"])
        if len(polygon.x) != len(polygon.y) or len(polygon.x) < 3:
            raise ValueError("a polygon has three corners or more")
        if not all(map(math.isfinite, polygon.x + polygon.y)):
            raise ValueError("a corner is finite")
        return polygon

    def to_json(self) -> dict[str, Any]:
        return {"map": self.map, "x": list(self.x), "y": list(self.y)}

    def mask(self, table: Population) -> Mask:
        if self.map not in table.maps:
            raise DataError(
                "A lasso belongs to a map of the run",
                f"no map {self.map!r} among {', '.join(table.maps) or 'none'}",
                "Draw the lasso anew, or wait until that map is computed",
            )
        return table.maps[self.map].inside(np.array(self.x), np.array(self.y))

    def sentence(self, table: Population, count: int) -> str:
        return f"{wording.counted(count, 'image')} in the lasso"


def _rounded(coordinate: float) -> float:
    return float(f"{float(coordinate):.{DIGITS}g}")
