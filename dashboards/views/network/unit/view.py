"""The unit that the page shows in full; its responses select images on every page."""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import panel as pn

from dashboards.session.gestures.response import finite
from dashboards.session.modifiers import MapActions, held
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.views.network.compared_view import ComparedView
from dashboards.views.network.comparing import Compared
from dashboards.views.network.state import UNITS
from dashboards.views.network.unit.of_group import shown_in_full
from dashboards.views.network.unit.patches import offers
from dashboards.views.network.unit.table import Drawn, drawn
from dashboards.views.network.unit.unit_card import UnitCard
from dashboards.widgets.help import Help
from dashboards.widgets.plot_header import Bar, PlotHeader
from deepvid.errors import DataError


class Prepared(NamedTuple):
    """What it will show."""

    bar: Bar
    drawn: Drawn
    found: Compared


class UnitView(ComparedView):
    """Of all test images, the selection beside them."""

    title = "Unit"
    subject = "The unit"
    needs = UNITS
    help: ClassVar = Help(
        what="One unit: the parts of nine images that it answers most strongly, cut by what it sees; how its "
        "mean response is spread over all images (gray) and the selection (colored); what becomes of the "
        "logits when it is held at its usual response; and the units before it that move it most. Of a group "
        "the same: what becomes of the logits while its part is taken away, and its strongest units.",
        use="Choose it in the units' matrix. Drag over the responses to select images by them, with Shift "
        "to add and Control to take away; a click on a patch studies its image, one on an input opens it.",
        beware="What a unit answers most strongly is not all that it answers: it may be bags in the "
        "strongest nine and T-shirts in the next hundred, so look at the selection's own. Effects are "
        "measured on images of the selection's classes, not on the selection itself; one held at its mean "
        "is a state the network may never be in, and one that changes nothing alone may matter with others. "
        "A group that two halves of the images do not give alike is one cut of many through the layer.",
        source="Patches instead of synthetic pictures: Borowski et al. 2021. Held at the mean of training "
        "images: Morcos et al. 2018. Changes of logits are means over test images ± their standard error; "
        "an input's number is the root mean square of what silencing it moves, in this unit's sd. A group is "
        "a row h of H in min ‖V − WH‖², W, H ≥ 0 (Lee and Seung 1999), its answer w, at places pooled to at "
        "most 7x7; in the last stage its effect on the selection is exact: −mean(w) h A, A the last layer.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._prepared: Prepared | None = None
        self._acting = MapActions(session)
        self._top = PlotHeader(
            {"choose": self._choose}, help=self.help, height=36, sizing_mode="stretch_width", margin=0
        )
        actions = {
            "study": self.session.focus_asked,
            "hover": self._hover,
            "source": self._source,
            "brush": self._brush,
            "extreme": self._extreme,
        }
        self._card = UnitCard(actions, sizing_mode="stretch_both", min_height=120, margin=0)
        self.showing.watch(self.state, ["patches"], self.redraw)
        self.showing.watch(session.navigation, "hover", self._mark)
        self.link(pn.Column(self._top, self._card, sizing_mode="stretch_both", margin=0))

    def helped_elsewhere(self) -> None:
        """Its help stands on a bar of tabs, and not on its own."""
        self._top.help = {}

    def prepare(self, scene: Scene) -> Prepared:
        table, own = scene.table, scene.own
        assert table is not None
        layers, found = self.comparison(scene)
        shown = drawn(table, layers, found, scene.steps, scene.mask, own.patches)
        options = offers(table, scene.mask)
        value = own.patches if own.patches in [each for each, _ in options] else ""
        bar: Bar = {
            "title": f"{found.units.word.capitalize()} {shown.shown['unit']} of {shown.shown['layer']}",
            "choices": [
                {"name": "patches", "label": "patches", "value": value, "options": options, "menu": True}
            ],
        }
        return Prepared(bar, shown, found)

    def publish(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._top.bar = prepared.bar
        self._card.param.update(**prepared.drawn._asdict())

    def _choose(self, value: Any) -> None:
        match value:
            case ["patches", str(whose)]:
                with self.session.hold():
                    self.state.patches = whose

    def _hover(self, sample: Any) -> None:
        with self.session.hold():
            self.session.navigation.hover = sample if type(sample) is int else None

    def _mark(self, *_: Any) -> None:
        hover = self.session.navigation.hover
        with self.session.hold():
            self._card.hovered = -1 if hover is None else hover

    def _source(self, value: Any) -> None:
        shown = self._meant(value)
        if shown is None or type(value.get("unit")) is not int:
            return
        told = shown.drawn.shown
        if value["unit"] in [one["unit"] for one in told["sources"] if one["unit"] not in told["closed"]]:
            self.open_unit(value["unit"], told["before"])

    def _brush(self, value: Any) -> None:
        shown = self._meant(value)
        if shown is None:
            return
        try:
            low, high = finite(value["low"]), finite(value["high"])
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            must = "Responses are chosen from one finite number to another"
            self.session.fault(DataError(must, str(error), "Drag over the responses again"))
            return
        self._acting.brush(shown_in_full(shown.found).answering(low, high), held(value))

    def _extreme(self, value: Any) -> None:
        shown = self._meant(value)
        if shown is not None:
            gesture = shown_in_full(shown.found).extreme(least=bool(value.get("least")))
            self._acting.brush(gesture, held(value))

    def _meant(self, value: Any) -> Prepared | None:
        """What a message is about; None where that is shown no more."""
        shown = self._prepared
        if shown is None or not isinstance(value, Mapping):
            return None
        return shown if value.get("number") == shown.drawn.shown["number"] else None
