"""What is told of a group of units beside its answers: what its part adds, how stable it is, its units."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dashboards.data.layers import Layers
from dashboards.data.population import Mask, Population
from dashboards.data.unit_groups import LayerGroups
from dashboards.session.gestures import GroupResponse
from dashboards.session.gestures.response import Answers
from dashboards.views.network.comparing import Compared
from dashboards.views.network.trusting import adding_up, of_group
from dashboards.views.network.unit.of_unit import INPUTS, OfUnit, Source


@dataclass(frozen=True)
class OfGroup(OfUnit):
    """A group of the units of a layer."""

    units: LayerGroups

    def answering(self, low: float, high: float) -> Answers:
        return GroupResponse.drawn(self.units.name, self.index, low, high)

    def facts(self) -> list[list[str]]:
        return of_group(self.units, self.place)

    def changed(
        self, table: Population, count: np.ndarray, mask: Mask | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Exact of any images where the layer's groups add up to the logits, else as of a unit."""
        if not self.of_selection():
            return super().changed(table, count, mask)
        among = np.isin(table.filed, np.flatnonzero(count)) if mask is None else mask
        return self.units.without(self.place, among)

    def of_selection(self) -> bool:
        return self.units.adds is not None

    def told(self, table: Population, of: Sequence[int], logit: int) -> str:
        if not self.of_selection():
            return super().told(table, of, logit)
        return adding_up(self.units, self.place, logit, table.class_names[logit])

    def lacking(self, layers: Layers) -> str:
        if self.units.doing is None:
            return "What becomes of the logits without it is stored for no more than a few hundred classes."
        return super().lacking(layers)

    def before(self, layers: Layers) -> str:
        return self.units.name

    def sources(self) -> list[Source]:
        """Its own units, by their share."""
        share = self.units.members[self.place]
        most = np.argsort(-share, kind="stable")[:INPUTS]
        return [Source(one, float(share[one])) for one in most.tolist() if share[one] > 0]

    def closed(self) -> list[int]:
        return [one.unit for one in self.sources() if one.unit not in self.units.opened]


def shown_in_full(found: Compared) -> OfUnit:
    """The unit, or group, that the page shows in full."""
    units = found.units
    return OfGroup(units, found.unit) if isinstance(units, LayerGroups) else OfUnit(units, found.unit)
