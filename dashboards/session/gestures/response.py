"""Images by how strongly one unit of a layer answers them."""

from dataclasses import dataclass
from typing import ClassVar

from dashboards.data.population import Mask, Population
from dashboards.session.gestures.answers import Answers
from dashboards.session.gestures.probe import no_layer
from deepvid.errors import DataError


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
                "Clear the selection, or set network.units higher and compute the layers again",
            )
        return found
