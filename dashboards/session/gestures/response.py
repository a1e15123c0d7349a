"""Images by how strongly a unit or a group of a layer responds to them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from dashboards.data.population import Mask, Population
from dashboards.session.gestures.contract import Gesture, whole
from dashboards.session.gestures.probe import no_layer, read_name
from deepvid import wording
from deepvid.errors import DataError


@dataclass(frozen=True)
class Answers(Gesture):
    """Those whose mean response of one of a `layer`'s lies from `low` to `high`, both among them."""

    whose: ClassVar[str]  # "unit": its key in a link, and its word

    layer: str
    index: int
    low: float
    high: float

    @classmethod
    def drawn(cls, layer: str, index: int, low: float, high: float) -> Self:
        """Its ends in any order. They are not rounded: a response that is an end is among them."""
        return cls(layer, index, min(low, high), max(low, high))

    @classmethod
    def parse(cls, value: Any) -> Self:
        if not isinstance(value, Mapping):
            raise TypeError(f"a {cls.kind} has layer, {cls.whose}, low and high")
        low, high = (finite(value[name]) for name in ("low", "high"))
        return cls.drawn(read_name(value["layer"]), whole(value[cls.whose]), low, high)

    def to_json(self) -> dict[str, Any]:
        return {"layer": self.layer, self.whose: self.index, "low": self.low, "high": self.high}

    def sentence(self, table: Population, count: int) -> str:
        between = f"{wording.number(self.low, 3)} to {wording.number(self.high, 3)}"
        images = wording.quantity(count, "image")
        return f"{images} that {self.whose} {self.index} of {self.layer} answers with {between}"


def finite(item: Any) -> float:
    """A number from outside. Raises ValueError for what is none."""
    if isinstance(item, bool) or not isinstance(item, int | float) or not math.isfinite(item):
        raise ValueError(f"{item!r} is no finite number")
    return float(item)


@dataclass(frozen=True)
class Response(Answers):
    """Those that a unit answers with a mean response from `low` to `high`."""

    kind: ClassVar[str] = "response"
    whose: ClassVar[str] = "unit"

    def mask(self, table: Population) -> Mask:
        units = None if table.layers is None else table.layers.units(self.layer)
        if units is None:
            raise no_layer(table, self.layer)
        found = units.between(self.index, self.low, self.high, table.rows)
        if found is None:
            raise DataError(
                "A selection by a unit's response needs a run that keeps that unit",
                f"no unit {self.index} among the {len(units.index):,} of {self.layer} that are kept",
                "Clear the selection, or set units.units higher and compute the layers again",
            )
        return found


@dataclass(frozen=True)
class GroupResponse(Answers):
    """Those that a group answers with a mean from `low` to `high`."""

    kind: ClassVar[str] = "group-response"
    whose: ClassVar[str] = "group"

    def mask(self, table: Population) -> Mask:
        looked = None if table.layers is None else table.layers.looked
        if table.layers is None or looked is None or self.layer not in looked.names:
            raise no_layer(table, self.layer)
        groups = table.layers.groups(self.layer)
        found = None if groups is None else groups.between(self.index, self.low, self.high, table.rows)
        if found is None:
            there = f"{len(groups.index)} groups" if groups is not None else "no groups"
            raise DataError(
                "A selection by a group's response needs a run with grouped units",
                f"no group {self.index}: there are {there} of {self.layer}",
                "Clear the selection, or look into the layers of the run with `deepvid network RUN`",
            )
        return found
