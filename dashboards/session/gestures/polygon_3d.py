"""A lasso on a map of three dimensions: in screen space, as it was turned when it was drawn."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from dashboards.data.population import Mask, Population
from dashboards.session.gestures.contract import Gesture
from deepvid import wording
from deepvid.errors import DataError

DIGITS = 5  # of a corner: a hundred-thousandth of the picture
VIEW_DIGITS = 8  # of the matrix: what it takes to the screen moves by less than a corner's last digit
ENTRIES = 12  # of the matrix, (3, 4), row by row


@dataclass(frozen=True)
class Polygon3D(Gesture):
    """`view` takes positions of the map to the screen, as `dashboards.data.maps.Map3D.inside` says, and the
    corners lie there; the last edge closes them. All are as `drawn` rounds them.
    """

    kind: ClassVar[str] = "polygon3d"

    map: str
    view: tuple[float, ...]
    x: tuple[float, ...]
    y: tuple[float, ...]

    @classmethod
    def drawn(
        cls, map_name: str, view: Iterable[float], x: Iterable[float], y: Iterable[float]
    ) -> "Polygon3D":
        """Rounded before it selects anything, so that a link to it selects the same rows."""
        matrix = tuple(_rounded(entry, VIEW_DIGITS) for entry in view)
        return cls(map_name, matrix, *(tuple(_rounded(at, DIGITS) for at in side) for side in (x, y)))

    @classmethod
    def parse(cls, value: Any) -> "Polygon3D":
        polygon = cls.drawn(str(value["map"]), value["view"], value["x"], value["y"])
        if len(polygon.view) != ENTRIES:
            raise ValueError(f"a view has {ENTRIES} numbers")
        if len(polygon.x) != len(polygon.y) or len(polygon.x) < 3:
            raise ValueError("a polygon has three corners or more")
        if not all(map(math.isfinite, polygon.view + polygon.x + polygon.y)):
            raise ValueError("corners and views are finite")
        return polygon

    def to_json(self) -> dict[str, Any]:
        return {"map": self.map, "view": list(self.view), "x": list(self.x), "y": list(self.y)}

    def mask(self, table: Population) -> Mask:
        if self.map not in table.maps_3d:
            raise DataError(
                "A lasso in 3-D belongs to a 3-D map of the run",
                f"no 3-D map {self.map!r} among {', '.join(table.maps_3d) or 'none'}",
                "Draw the lasso anew, or wait until that map is computed",
            )
        view = np.array(self.view).reshape(3, 4)
        return table.maps_3d[self.map].inside(view, np.array(self.x), np.array(self.y))

    def sentence(self, table: Population, count: int) -> str:
        return f"{wording.counted(count, 'image')} in the lasso"


def _rounded(number: float, digits: int) -> float:
    return float(f"{float(number):.{digits}g}")
