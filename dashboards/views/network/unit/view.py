"""The unit that the page shows in full; its responses select images on every page."""

from typing import Any, ClassVar, NamedTuple

from dashboards.data.trail import MOST_SILENCED, read, written
from dashboards.kit.card import Card
from dashboards.kit.elements import Element
from dashboards.session import needs
from dashboards.session.layer_needs import UNITS
from dashboards.session.modifiers import MapActions, held
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.views.network.compared_view import ComparedView
from dashboards.views.network.unit.of_group import shown_in_full
from dashboards.views.network.unit.of_unit import OfUnit
from dashboards.views.network.unit.table import card
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help


class Prepared(NamedTuple):
    """What it will show, and of which unit."""

    tree: Element
    unit: OfUnit


class UnitView(Card, ComparedView):
    """Of all test images, the selection beside them."""

    title = "Unit"
    subject = "The unit"
    needs = UNITS
    look, hovers = "unit-card", True
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
        self._unit: OfUnit | None = None  # that is shown
        self._acting = MapActions(session)
        self.showing.watch(self.state, ["patches"], self.redraw)

    def actions(self) -> Actions:
        """`patches` of whom; `study` a sample; a `source` {layer, unit} is shown; `silence` it in
        What if; `brush` {low, high} and `extreme` {least} select.
        """
        return {
            "patches": self._choose,
            "study": self.session.focus_asked,
            "silence": self._silence,
            "source": lambda asked: self.open_unit(asked["unit"], asked["layer"]),
            "brush": self._brush,
            "extreme": self._extreme,
        }

    def prepare(self, scene: Scene) -> Prepared:
        """The unit that is asked for, else the one that differs most."""
        assert scene.table is not None
        layers, found = self.comparison(scene)
        silences = missing([needs.INSIDE], scene) is None
        tree = card(scene.table, layers, found, scene.steps, scene.mask, scene.own.patches, silences=silences)
        return Prepared(tree, shown_in_full(found))

    def publish(self, prepared: Prepared) -> None:
        """Draws what has changed."""
        self._unit = prepared.unit
        self.component.draw(prepared.tree)

    def _choose(self, whose: str) -> None:
        with self.session.hold():
            self.state.patches = whose

    def _silence(self, _: Any) -> None:
        """Opens What if, where the unit is held at its usual response beside those that are held already."""
        if self._unit is None:
            return
        navigation = self.session.navigation
        silenced = [*read(navigation.silenced), (self._unit.units.name, self._unit.index)]
        with self.session.hold():
            navigation.silenced = written(dict.fromkeys(silenced[-MOST_SILENCED:]))
            self.session.open_tab("try", page=self.session.first_page)

    def _brush(self, asked: Any) -> None:
        if self._unit is not None:
            self._acting.brush(self._unit.answering(asked["low"], asked["high"]), held(asked))

    def _extreme(self, asked: Any) -> None:
        if self._unit is not None:
            self._acting.brush(self._unit.extreme(least=asked["least"]), held(asked))
