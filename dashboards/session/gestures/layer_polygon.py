"""A lasso on the map of one layer."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from dashboards.data.population import Mask, Population
from dashboards.session.gestures.contract import Gesture
from dashboards.session.gestures.polygon import Polygon
from dashboards.session.gestures.probe import no_layer, read_name
from deepvid import wording


@dataclass(frozen=True)
class LayerPolygon(Gesture):
    """A lasso in the coordinates of a layer's map."""

    kind: ClassVar[str] = "layer-polygon"

    lasso: Polygon  # its map is the layer

    @classmethod
    def drawn(cls, layer: str, x: Iterable[float], y: Iterable[float]) -> "LayerPolygon":
        """Rounded before it selects anything, so that a link to it selects the same rows."""
        return cls(Polygon.drawn(layer, x, y))

    @classmethod
    def parse(cls, value: Any) -> "LayerPolygon":
        return cls(Polygon.parse({**value, "map": read_name(value["layer"])}))

    def to_json(self) -> dict[str, Any]:
        corners = self.lasso.to_json()
        return {"layer": corners.pop("map"), **corners}

    def mask(self, table: Population) -> Mask:
        found = None if table.layers is None else table.layers.map(self.lasso.map)
        if found is None:
            raise no_layer(table, self.lasso.map)
        return found.inside(np.array(self.lasso.x), np.array(self.lasso.y))

    def sentence(self, table: Population, count: int) -> str:
        return f"{wording.counted(count, 'image')} in the lasso of {self.lasso.map}"
