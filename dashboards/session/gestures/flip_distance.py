"""Images by how far they are from another answer."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from dashboards.data.population import Mask, Population
from dashboards.session.gestures.contract import Gesture
from deepvid import wording
from deepvid.errors import DataError

UNITS = {"latent": "standard deviations of the latents", "pixel": "in pixels"}
"""Space -> what its distances are told in; those are the spaces that are measured."""


@dataclass(frozen=True)
class FlipDistance(Gesture):
    """Of which the distance in a space is from `low` to below `high`; of images not measured, none."""

    kind: ClassVar[str] = "flip-distance"

    space: str
    low: float
    high: float

    @classmethod
    def parse(cls, value: Any) -> "FlipDistance":
        space, low, high = value
        if space not in UNITS or isinstance(low, bool) or isinstance(high, bool):
            raise ValueError("a distance is in pixels or in latents")
        low, high = float(low), float(high)
        if not (0 <= low < high and math.isfinite(high)):
            raise ValueError("distances run upwards from 0")
        return cls(space, low, high)

    def to_json(self) -> list[Any]:
        return [self.space, self.low, self.high]

    def mask(self, table: Population) -> Mask:
        found = None if table.changes is None else table.changes.within(self.space, self.low, self.high)
        if found is None:
            raise DataError(
                "A selection by distance to flip needs a run with measured distances",
                f"none in {self.space}s",
                "Clear the selection, or measure them with `deepvid network RUN`",
            )
        return found

    def sentence(self, table: Population, count: int) -> str:
        flips = "flips" if count == 1 else "flip"
        between = f"{self.low:.4g} to {self.high:.4g} {UNITS[self.space]}"
        return f"{wording.quantity(count, 'image')} that {flips} at {between}"
