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
