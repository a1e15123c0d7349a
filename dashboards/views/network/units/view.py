"""Units of the layer shown: how the selection differs from other images in each, beside every class."""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import panel as pn

from dashboards.data.unit_groups import LayerGroups
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.views.network.compared_view import ComparedView
from dashboards.views.network.comparing import KEPT, kept, offers
from dashboards.views.network.state import UNITS
from dashboards.views.network.units.table import ORDERS, Drawn, drawn, title
from dashboards.views.network.units.units_card import UnitsCard
from dashboards.widgets.help import Help
from dashboards.widgets.plot_header import Bar, PlotHeader


class Prepared(NamedTuple):
    """What it will show."""

    bar: Bar
    drawn: Drawn | None


class UnitsView(ComparedView):
    """Of the selection, else of what is misclassified."""

    subject = "The units"
    needs = UNITS
    help: ClassVar = Help(
        what="Each column is a unit of the layer, each row a set of test images; the color is the set's mean "
        "response, in standard deviations of that unit over all test images. Bars above are the selection "
        "less what it is compared with, in the same unit, with one standard error on each side.",
        use="Select images anywhere, and choose what to compare them with. A click on a column, or the arrow "
        "keys, open that unit in its card. Hold keeps the selection as what the next one is compared with. "
        "Groups shows a few groups of units that answer together instead of the units.",
        beware="In sets of a hundred images most units differ by more than chance, and of many units some "
        "always do: read how large a difference is, not whether it is one. A unit is no concept: it answers "
        "to several things, and the network uses many together. Where places are pooled, the mean hides "
        "where in the image it answers. Groups say less than the layer does: below stand the predictions "
        "that stay when it says only what they do, beside the floor, and how alike two halves' groups are.",
        source="Subsets side by side: ActiVis, Kahng et al. 2018. The standard error is Welch's, of images "
        "that are in one of both sets alone; like beside like is the optimal leaf order of class means, "
        "Bar-Joseph et al. 2001. Groups are a non-negative matrix factorization of positive outputs over "
        "places, Lee and Seung 1999; groups of neurons: Olah et al. 2018.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._shown: Drawn | None = None
        self._top = PlotHeader({"choose": self._choose}, height=36, sizing_mode="stretch_width", margin=0)
        self._card = UnitsCard({"unit": self._open}, sizing_mode="stretch_both", min_height=120, margin=0)
        self.showing.watch(self.state, ["order"], self.redraw)
        self.link(pn.Column(self._top, self._card, sizing_mode="stretch_both", margin=0))

    def prepare(self, scene: Scene) -> Prepared:
        table, own = scene.table, scene.own
        assert table is not None
        _, found = self.comparison(scene)
        orders = [
            [name, text] for name, text in ORDERS.items() if name != "alike" or found.units.leaf is not None
        ]
        shown_as = "groups" if own.grouped else "units"
        bar: Bar = {
            "title": title(found),
            "choices": [
                {
                    "name": "compare",
                    "label": "against",
                    "value": own.compare,
                    "options": offers(table, own, all_wrong=scene.mask is None),
                    "menu": True,
                },
                {"name": "grouped", "label": "Units or groups", "value": shown_as, "options": AS},
                {"name": "order", "label": "units", "value": own.order, "options": orders, "menu": True},
            ],
            "switches": [["keep", "Hold", HOLD, own.compare.startswith(KEPT)]],
        }
        return Prepared(bar, drawn(table, found, own.order, scene.mask))

    def publish(self, prepared: Prepared) -> None:
        self._top.bar, self._shown = prepared.bar, prepared.drawn
        if prepared.drawn is not None:
            self._card.param.update(**prepared.drawn._asdict())

    def _choose(self, value: Any) -> None:
        match value:
            case ["show", "keep"]:
                self._keep()
            case ["compare", str(what)]:
                with self.session.hold():
                    self.state.compare = what
            case ["grouped", ("units" | "groups") as shown_as]:
                with self.session.hold():
                    self.state.grouped = shown_as == "groups"
            case ["order", str(order)] if order in ORDERS:
                with self.session.hold():
                    self.state.order = order

    def _keep(self) -> None:
        """What is selected now is what later selections are compared with; pressed again, it is let go."""
        steps = self.session.selection.steps
        held = self.state.compare.startswith(KEPT)
        if steps or held:
            with self.session.hold():
                self.state.compare = "" if held else kept(steps)

    def _open(self, value: Any) -> None:
        shown = self._shown and self._shown.shown
        if shown and isinstance(value, Mapping) and value.get("number") == shown["number"]:
            unit = value.get("unit")
            if type(unit) is int and unit in shown["units"]:
                (self.open_group if shown["word"] == LayerGroups.word else self.open_unit)(unit)


AS = [
    ["units", "Units", "The units of the layer"],
    ["groups", "Groups", "Units that answer together at the same places: a few for each layer with maps"],
]
HOLD = "Compare what is selected next with what is selected now; press again to let it go"
