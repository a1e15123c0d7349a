"""A lasso on the map of one epoch."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from dashboards.data import wording
from dashboards.data.population import Mask, Population
from dashboards.session.gestures.contract import Gesture, whole
from dashboards.session.gestures.polygon import Polygon
from deepvid.errors import DataError


@dataclass(frozen=True)
class EpochPolygon(Gesture):
    """Corners in the coordinates of a form's map after an epoch, from 1; as `drawn` rounds them."""

    kind: ClassVar[str] = "epoch-polygon"

    form: str
    epoch: int
    x: tuple[float, ...]
    y: tuple[float, ...]

    @classmethod
    def drawn(cls, form: str, epoch: int, x: Iterable[float], y: Iterable[float]) -> "EpochPolygon":
        """Rounded before it selects anything, so that a link to it selects the same rows."""
        rounded = Polygon.drawn(form, x, y)
        return cls(form, epoch, rounded.x, rounded.y)

    @classmethod
    def parse(cls, value: Any) -> "EpochPolygon":
        polygon = cls.drawn(str(value["form"]), whole(value["epoch"]), value["x"], value["y"])
        if len(polygon.x) != len(polygon.y) or len(polygon.x) < 3:
            raise ValueError("a polygon has three corners or more")
        if not all(map(math.isfinite, polygon.x + polygon.y)):
            raise ValueError("a corner is finite")
        return polygon

    def to_json(self) -> dict[str, Any]:
        return {"form": self.form, "epoch": self.epoch, "x": list(self.x), "y": list(self.y)}

    def mask(self, table: Population) -> Mask:
        found = table.epochs and table.epochs.map(self.form, self.epoch)
        if not found:
            raise no_epoch(
                "A lasso in time travel belongs to an epoch of the run", table, self.form, self.epoch
            )
        return found.inside(np.array(self.x), np.array(self.y))

    def sentence(self, table: Population, count: int) -> str:
        return f"{wording.counted(count, 'image')} in the lasso of epoch {self.epoch}"


def no_epoch(must: str, table: Population, form: str, epoch: int) -> DataError:
    """Says which epochs there are."""
    travel = table.epochs and table.epochs.travel(form)
    found = f"no time travel {form!r}" if not travel else f"epoch {epoch} of {travel.epochs}"
    return DataError(must, found, "Clear the selection, or wait until that epoch is computed")
