"""What each filter of a layer sees of the image under study, and what the answer owes to it."""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from dashboards.session import needs
from dashboards.session.address import link_error, no_such
from dashboards.session.engine_task import LazyResult, ResultStatus
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import Of, View
from dashboards.views.filters.filters_card import Card, FiltersCard
from dashboards.views.filters.table import NOTHING, ORDERS, PAGE, drawn, notes, sentence
from dashboards.widgets.help import Help
from dashboards.widgets.work import work_line
from deepvid.engine.requests import FilterResponses, WatchFilters

NO_FOCUS = "What the filters of the teacher see of the image under study appears here."
NO_TEACHER = (
    "It appears once the teacher is trained. An archive without the teacher has none: open the whole run."
)


class Own(NamedTuple):
    """What was chosen, and how the last request stands."""

    order: str
    visible: int
    status: ResultStatus[WatchFilters, FilterResponses]


class Prepared(NamedTuple):
    """What the card will show, and what is to be watched for it."""

    card: Card
    maps: bytes
    image: bytes
    request: WatchFilters | None


class FiltersView(View):
    """Follows the focus; layer and filter stand in the address. Nothing of it is stored: it is computed when
    it is seen.
    """

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
        super().__init__(session, of=of)
        self._lazy = LazyResult[WatchFilters, FilterResponses](session, self._report, of=of)
        actions = {
            "layer": self._choose_layer,
            "order": self._choose_order,
            "more": self._more,
            "choose": self._choose,
            "watch": self._again,
            "cancel": lambda _: self._lazy.cancel(),
        }
        self._widget = FiltersCard(actions, sizing_mode="stretch_both")
        self._order, self._visible = next(iter(ORDERS)), PAGE
        self.link(self._widget)

    def local_state(self) -> Own:
        """What the scene does not know."""
        return Own(self._order, self._visible, self._lazy.status)

    def prepare(self, scene: Scene) -> Prepared:
        """The filters where they are watched, else what is to be watched, or why nothing can be."""
        table, row, run, own = scene.table, scene.row, scene.run, scene.own
        assert table is not None
        assert row is not None
        assert run is not None
        sample = int(table.samples[row])
        lacks = missing([needs.ENGINE], scene)
        if lacks is not None:
            text = f"What filters see is not stored, but computed with the teacher. {lacks.text}"
            return Prepared({**_empty(sample, own), "waiting": text}, b"", b"", None)
        request = WatchFilters(run.address, sample, scene.layer)
        found: FilterResponses | None = own.status.result(request)
        if found is None:
            return Prepared(_waiting(sample, own, request), b"", b"", request)
        names, image = table.class_names, table.images([row])[0]
        shown, maps = drawn(found, names, own.order, own.visible, scene.filter)
        card: Card = {
            **_empty(sample, own),
            "sentence": sentence(found, names),
            "notes": notes(found),
            "shown": {**shown, "picture": list(image.shape)},
            "orders": _orders(shown["pair"][0]["short"], shown["pair"][1]["short"]),
        }
        return Prepared(card, maps, image.tobytes(), request)

    def publish(self, prepared: Prepared) -> None:
        """Shows the card, and asks for what is missing of it, once. Of one image the last layer stays until
        the next one is there.
        """
        card = prepared.card
        coming = prepared.request is not None and not card["shown"]["tiles"] and not card["action"]
        if card != self._widget.card and not (coming and self._widget.card.get("sample") == card["sample"]):
            self._widget.param.update(card=card, maps=prepared.maps, image=prepared.image)
        self._lazy.follow(prepared.request)

    def _report(self) -> None:
        """The work has told something: only its line moves, until it ends."""
        asked, before = self._lazy.task, bool(self._widget.work)
        with self.session.hold():
            self._widget.work = work_line("Watching the filters", asked.tick) if asked.busy else {}
            if before and not asked.busy:
                self._require_layer()
                self.redraw()

    def _require_layer(self) -> None:
        """A link may name a layer that the teacher has not: its last one is shown, and that is said."""
        answer = self._lazy.answer
        named = self.session.navigation.layer
        if answer is not None and named == answer.request.layer and named not in ("", answer.result.layer):
            self.session.fault(link_error({}, [no_such("layer", named)]))
            self.session.navigation.layer = ""

    def _again(self, sample: Any) -> None:
        if self._lazy.again(sample, self.sample):
            self.redraw()

    def _choose_layer(self, layer: Any) -> None:
        layers = [] if self._lazy.answer is None else [name for name, _ in self._lazy.answer.result.layers]
        if layer in layers:
            self._visible = PAGE
            with self.session.hold():
                named = "" if layer == layers[-1] else layer
                self.session.navigation.param.update(layer=named, filter=None)

    def _choose_order(self, order: Any) -> None:
        if isinstance(order, str) and order in ORDERS:
            self._order, self._visible = order, PAGE
            self.redraw()

    def _more(self, _: Any) -> None:
        if self._lazy.answer is not None and self._visible < len(self._lazy.answer.result.mean):
            self._visible += PAGE
            self.redraw()

    def _choose(self, value: Any) -> None:
        if not isinstance(value, Mapping) or self._lazy.answer is None:
            return
        number, found = value.get("number"), self._lazy.answer.result
        known = type(number) is int and 0 <= number < len(found.mean)
        if value.get("layer") == found.layer and (number is None or known):
            with self.session.hold():
                self.session.navigation.filter = number


def _orders(predicted: str, other: str) -> list[list[str]]:
    return [[name, text.format(predicted=predicted, other=other)] for name, (text, _) in ORDERS.items()]


def _waiting(sample: int, own: Own, request: WatchFilters) -> Card:
    stopped = own.status.given_up(request)
    return {
        **_empty(sample, own),
        "waiting": "The filters are not watched." if stopped else "The filters are being watched …",
        "action": "Watch them" if stopped else "",
        "fault": own.status.error(request),
    }


def _empty(sample: int, own: Own) -> Card:
    return {
        "sample": sample,
        "sentence": "",
        "notes": [],
        "waiting": "",
        "shown": NOTHING,
        "order": own.order,
        "orders": [],
        "action": "",
        "fault": "",
    }
