"""What each filter of a layer sees of the image under study, and what the answer owes to it."""

from typing import Any, ClassVar

from dashboards.kit.card import Computation, ComputedCard
from dashboards.kit.elements import Element
from dashboards.session import needs
from dashboards.session.address import link_error, no_such
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import Of
from dashboards.views.filters.table import PAGE, Listing, filters
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid.engine.requests import FilterResponses, WatchFilters

NO_FOCUS = "What the filters of the teacher see of the image under study appears here."
NO_TEACHER = (
    "It appears once the teacher is trained. An archive without the teacher has none: open the whole run."
)


class FiltersView(ComputedCard[WatchFilters, FilterResponses]):
    """Follows the focus; layer and filter stand in the address."""

    subject = "The filters of #{focus}"
    needs = (
        needs.IMAGES.saying(NO_FOCUS),
        needs.FOCUS.saying(NO_FOCUS),
        needs.MODEL,
        needs.NETWORK,
        needs.stage("teacher").saying(NO_TEACHER),
        needs.PICTURES,
    )
    follows: ClassVar = ("run", "facts", "focus", "layer", "filter")
    look = "filters-card"
    stays = True
    computation = Computation(
        of="filters",
        doing="Watching the filters",
        waiting="The filters are being watched …",
        stopped="The filters are not watched.",
        again="Watch them",
        unstored="What filters see is not stored, but computed with the teacher.",
    )
    help: ClassVar = Help(
        what="Each filter of a layer: where a patch in the mean color lowers (blue) or raises (orange) its "
        "mean activation, and what silencing it changes of the two logits in question.",
        use="Choose a layer and an order. A click or Enter opens a filter with every class; arrow keys go "
        "from one to the next, Escape closes it.",
        beware="Filters work together: one that changes nothing alone may matter with others, and one that "
        "matters need not stand for anything a person has a word for. A patch in the mean color is itself "
        "something to see, and a filter held at its mean is a state the network may never be in.",
        source="A feature map under a moving patch: Zeiler and Fergus 2014. Units held at a constant: "
        "Morcos et al. 2018.",
    )

    def __init__(self, session: Session, *, of: Of = "focus") -> None:
        self._listing = Listing()
        super().__init__(session, of=of)

    def chosen(self) -> Listing:
        """The order, and how many are listed."""
        return self._listing

    def actions(self) -> Actions:
        """`layer` and `order` by their names; so many are listed after `more`; `choose` {layer, number}."""
        return {
            "layer": self._choose_layer,
            "order": lambda order: self._list(Listing(order)),
            "more": lambda visible: self._list(self._listing._replace(visible=visible)),
            "choose": self._choose,
        }

    def request(self, scene: Scene) -> WatchFilters:
        """The layer of the address."""
        return WatchFilters(scene.studied.run.address, scene.studied.sample, scene.layer)

    def card(self, scene: Scene, found: FilterResponses) -> Element:
        """Its filters, and the one of the address in full."""
        _, table, row, sample = scene.studied
        image = table.images([row])[0]
        return filters(found, sample, image, table.class_names, scene.own, scene.filter)

    def _report(self) -> None:
        """A link may name a layer that the teacher has not: its last one is shown, and that is said."""
        answer, named = self._lazy.answer, self.session.navigation.layer
        if answer is not None and named == answer.request.layer and named not in ("", answer.result.layer):
            with self.session.hold():
                self.session.fault(link_error({}, [no_such("layer", named)]))
                self.session.navigation.layer = ""
        super()._report()

    def _list(self, listing: Listing) -> None:
        self._listing = listing
        self.redraw()

    def _choose_layer(self, layer: str) -> None:
        assert self._lazy.answer is not None
        *_, (last, _) = self._lazy.answer.result.layers
        self._listing = self._listing._replace(visible=PAGE)
        with self.session.hold():
            self.session.navigation.param.update(layer="" if layer == last else layer, filter=None)

    def _choose(self, asked: Any) -> None:
        with self.session.hold():
            self.session.navigation.filter = asked["number"]
