"""Images by how strongly one unit of a layer answers them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from dashboards.data import wording
from dashboards.data.population import Mask, Population
from dashboards.session.gestures.contract import Gesture, whole
from dashboards.session.gestures.probe import no_layer, read_name
from deepvid.errors import DataError


@dataclass(frozen=True)
class Response(Gesture):
    """Those whose mean response of `unit` in `layer` lies from `low` to `high`, both among them."""

    kind: ClassVar[str] = "response"

    layer: str
    unit: int
    low: float
    high: float

    @classmethod
    def drawn(cls, layer: str, unit: int, low: float, high: float) -> "Response":
        """Its ends in any order. They are not rounded: a response that is an end is among them."""
        return cls(layer, unit, min(low, high), max(low, high))

    @classmethod
    def parse(cls, value: Any) -> "Response":
        if not isinstance(value, Mapping):
            raise TypeError("a response has layer, unit, low and high")
        low, high = (finite(value[name]) for name in ("low", "high"))
        return cls.drawn(read_name(value["layer"]), whole(value["unit"]), low, high)

    def to_json(self) -> dict[str, Any]:
        return {"layer": self.layer, "unit": self.unit, "low": self.low, "high": self.high}

    def mask(self, table: Population) -> Mask:
        units = None if table.layers is None else table.layers.units(self.layer)
        if units is None:
            raise no_layer(table, self.layer)
        found = units.between(self.unit, self.low, self.high, table.rows)
        if found is None:
            raise DataError(
                "A selection by a unit's response belongs to a run that keeps that unit",
                f"no unit {self.unit} among the {len(units.index):,} of {self.layer} that are kept",
                "Clear the selection, or keep more units (network.units) when the layers are looked into",
            )
        return found

    def sentence(self, table: Population, count: int) -> str:
        between = f"{wording.number(self.low, 3)} to {wording.number(self.high, 3)}"
        images = wording.counted(count, "image")
        return f"{images} that unit {self.unit} of {self.layer} answers with {between}"


def finite(item: Any) -> float:
    """A number from outside. Raises ValueError for what is none."""
    if isinstance(item, bool) or not isinstance(item, int | float) or not math.isfinite(item):
        raise ValueError(f"{item!r} is no finite number")
    return float(item)
