"""Images by how strongly one group of a layer's units answers them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from dashboards.data import wording
from dashboards.data.population import Mask, Population
from dashboards.session.gestures.contract import Gesture, whole
from dashboards.session.gestures.probe import no_layer, read_name
from dashboards.session.gestures.response import finite
from deepvid.errors import DataError


@dataclass(frozen=True)
class GroupResponse(Gesture):
    """Those whose mean answer of `group` in `layer` lies from `low` to `high`, both among them."""

    kind: ClassVar[str] = "group-response"

    layer: str
    group: int
    low: float
    high: float

    @classmethod
    def drawn(cls, layer: str, group: int, low: float, high: float) -> "GroupResponse":
        """Its ends in any order. They are not rounded: an answer that is an end is among them."""
        return cls(layer, group, min(low, high), max(low, high))

    @classmethod
    def parse(cls, value: Any) -> "GroupResponse":
        if not isinstance(value, Mapping):
            raise TypeError("a group's response has layer, group, low and high")
        low, high = (finite(value[name]) for name in ("low", "high"))
        return cls.drawn(read_name(value["layer"]), whole(value["group"]), low, high)

    def to_json(self) -> dict[str, Any]:
        return {"layer": self.layer, "group": self.group, "low": self.low, "high": self.high}

    def mask(self, table: Population) -> Mask:
        if table.layers is None or self.layer not in (
            table.layers.looked.names if table.layers.looked else ()
        ):
            raise no_layer(table, self.layer)
        groups = table.layers.groups(self.layer)
        found = None if groups is None else groups.between(self.group, self.low, self.high, table.rows)
        if found is None:
            there = f"{len(groups.index)} groups" if groups is not None else "no groups"
            raise DataError(
                "A selection by a group's answer belongs to a run whose units were grouped",
                f"no group {self.group}: there are {there} of {self.layer}",
                "Clear the selection, or look into the layers of the run with `deepvid network RUN`",
            )
        return found

    def sentence(self, table: Population, count: int) -> str:
        between = f"{wording.number(self.low, 3)} to {wording.number(self.high, 3)}"
        images = wording.counted(count, "image")
        return f"{images} that group {self.group} of {self.layer} answers with {between}"
