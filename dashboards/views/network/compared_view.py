"""A view of two sets of images in the units of the layer that is shown."""

from typing import Any

from dashboards.data.layers import Layers
from dashboards.data.population import TEST
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.views.network.comparing import Compared, Own, compared
from dashboards.views.network.state import NetworkView, chosen


class ComparedView(NetworkView):
    """Its `needs` are UNITS."""

    def __init__(self, session: Session, **of: Any) -> None:
        super().__init__(session, **of)
        self.showing.watch(self.state, ["unit", "compare", "grouped", "unit_group"], self.redraw)
        self.showing.watch(session.named_selections, "entries", self.redraw)

    def local_state(self) -> Own:  # type: ignore[override]
        """All that the page asks for, and what has a name."""
        named = self.session.named_selections.entries.items()
        return self.asked(tuple((name, of.steps) for name, of in named if of.split == TEST))

    def comparison(self, scene: Scene) -> tuple[Layers, Compared]:
        """What is compared, in the layer that is shown."""
        table, own = scene.table, scene.own
        assert table is not None
        assert table.layers is not None
        looked = table.layers.looked
        assert looked is not None
        at = chosen(looked.layers, own.column).number
        found = compared(table, scene.steps, scene.mask, own, at)
        assert found is not None  # it needs stored responses
        return looked.layers, found
