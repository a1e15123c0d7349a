"""Images by how strongly something inside a layer answers them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from dashboards.data.population import Population
from dashboards.session.gestures.contract import Gesture, whole
from dashboards.session.gestures.probe import read_name
from deepvid import wording


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
        images = wording.counted(count, "image")
        return f"{images} that {self.whose} {self.index} of {self.layer} answers with {between}"


def finite(item: Any) -> float:
    """A number from outside. Raises ValueError for what is none."""
    if isinstance(item, bool) or not isinstance(item, int | float) or not math.isfinite(item):
        raise ValueError(f"{item!r} is no finite number")
    return float(item)
