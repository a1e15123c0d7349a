"""Images by how strongly one group of a layer's units answers them."""

from dataclasses import dataclass
from typing import ClassVar

from dashboards.data.population import Mask, Population
from dashboards.session.gestures.answers import Answers
from dashboards.session.gestures.probe import no_layer
from deepvid.errors import DataError


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
