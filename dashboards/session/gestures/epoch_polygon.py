"""A lasso on the map of one epoch."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from dashboards.data.population import Mask, Population
from dashboards.session.gestures.contract import Gesture, whole
from dashboards.session.gestures.polygon import Polygon
from deepvid import wording
from deepvid.errors import DataError


@dataclass(frozen=True)
class EpochPolygon(Gesture):
    """A lasso in the coordinates of a form's map after an epoch, from 1."""

    kind: ClassVar[str] = "epoch-polygon"

    epoch: int
    lasso: Polygon  # its map is the form

    @classmethod
    def drawn(cls, form: str, epoch: int, x: Iterable[float], y: Iterable[float]) -> "EpochPolygon":
        """Rounded before it selects anything, so that a link to it selects the same rows."""
        return cls(epoch, Polygon.drawn(form, x, y))

    @classmethod
    def parse(cls, value: Any) -> "EpochPolygon":
        return cls(whole(value["epoch"]), Polygon.parse({**value, "map": value["form"]}))

    def to_json(self) -> dict[str, Any]:
        corners = self.lasso.to_json()
        return {"form": corners.pop("map"), "epoch": self.epoch, **corners}

    def mask(self, table: Population) -> Mask:
        form, x, y = self.lasso.map, np.array(self.lasso.x), np.array(self.lasso.y)
        found = table.epochs and table.epochs.map(form, self.epoch)
        if not found:
            raise no_epoch("A lasso in time travel belongs to an epoch of the run", table, form, self.epoch)
        return found.inside(x, y)

    def sentence(self, table: Population, count: int) -> str:
        return f"{wording.counted(count, 'image')} in the lasso of epoch {self.epoch}"


def no_epoch(must: str, table: Population, form: str, epoch: int) -> DataError:
    """Says which epochs there are."""
    travel = table.epochs and table.epochs.travel(form)
    found = f"no time travel {form!r}" if not travel else f"epoch {epoch} of {travel.epochs}"
    return DataError(must, found, "Clear the selection, or wait until that epoch is computed")
