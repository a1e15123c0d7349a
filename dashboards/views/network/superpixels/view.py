"""Which squares of the image under study speak for its answer against the class in question."""

from typing import Any, ClassVar, NamedTuple

from dashboards.session import needs
from dashboards.session.engine_task import LazyResult, ResultStatus, tell_work
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import View
from dashboards.views.network.changing import NO_TEACHER, studied
from dashboards.views.network.state import network_state
from dashboards.views.network.strip.table import aim
from dashboards.views.network.superpixels.superpixels_card import Card, SuperpixelsCard
from dashboards.views.network.superpixels.table import NOTHING, drawn, sentence, trust
from dashboards.widgets.help import Help
from deepvid.engine.requests import Superpixels, SuperpixelWeights

NO_FOCUS = "Which squares of the image under study speak for its answer appears here: click one."
BEING_FITTED = "The squares are being covered …"


class Own(NamedTuple):
    """What was chosen, and how the last request stands."""

    target: str
    status: ResultStatus[Superpixels, SuperpixelWeights]


class Prepared(NamedTuple):
    """What the card will show, and what is to be fitted for it."""

    card: Card
    image: bytes
    request: Superpixels | None


class SuperpixelsView(View):
    """Follows the focus, and the class that strips lead to. Nothing of it is stored."""

    subject = "The squares of #{focus}"
    needs = studied(NO_FOCUS, needs.QUERIES)
    follows: ClassVar = ("run", "facts", "focus")
    help: ClassVar = Help(
        what="What each square of a 4x4 grid adds to the teacher's answer (blue) or to another class "
        "(orange): the weights of a linear model of which squares are there, each covered with its mean "
        "color.",
        use="It follows the image under study, and the class that the strip leads to: the true one of an "
        "error, else the runner-up.",
        beware="Covered squares make images that the teacher has never seen. Finer squares fit better and "
        "say less: what counts is R² on masks that were held out of the fit, and whether other masks give "
        "the same. Below .5 squares alone do not explain the answer.",
        source="LIME, Ribeiro et al. 2016, on squares, whose own score is that of the fitted masks; 300 "
        "masks, a fifth of them held out.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._state = network_state(session)
        self._lazy = LazyResult[Superpixels, SuperpixelWeights](session, self._report, of="squares")
        actions = {"fit": self._again, "cancel": lambda _: self._lazy.cancel()}
        self._widget = SuperpixelsCard(actions, sizing_mode="stretch_both")
        self.showing.watch(self._state, ["target"], self.redraw)
        self.link(self._widget)

    def local_state(self) -> Own:
        """What the scene does not know."""
        return Own(self._state.target, self._lazy.status)

    def is_stale(self, scene: Scene) -> bool:
        """Another class may be asked about while this one is prepared."""
        return bool(scene.own.target != self._state.target)

    def prepare(self, scene: Scene) -> Prepared:
        """The squares where they are fitted, else what is to be fitted, or why nothing can be."""
        table, row, run, own = scene.table, scene.row, scene.run, scene.own
        assert table is not None
        assert row is not None
        assert run is not None
        sample, chosen = int(table.samples[row]), aim(table, row, own.target)
        target = chosen.target if chosen.target is not None else aim(table, row, "").target
        assert target is not None
        lacks = missing([needs.stage("teacher").saying(NO_TEACHER), needs.ENGINE], scene)
        if lacks is not None:
            text = f"What squares say is not stored, but computed with the teacher. {lacks.text}"
            return Prepared({**_empty(sample), "waiting": text}, b"", None)
        request = Superpixels(run.address, sample, target)
        found: SuperpixelWeights | None = own.status.result(request)
        if found is None:
            return Prepared(_waiting(sample, own.status, request), b"", request)
        image, told = table.images([row])[0], trust(found)
        card: Card = {
            **_empty(sample),
            "sentence": sentence(found, table.class_names, chosen.answer, target, sample),
            "trust": told.text,
            "weak": told.weak,
            "shown": drawn(found, image.shape, table.class_names, chosen.answer, target),
        }
        return Prepared(card, image.tobytes(), request)

    def publish(self, prepared: Prepared) -> None:
        """Shows the card, and asks for what is missing of it, once."""
        if prepared.card != self._widget.card:
            self._widget.param.update(card=prepared.card, image=prepared.image)
        self._lazy.follow(prepared.request)

    def _report(self) -> None:
        tell_work(self, self._widget, "Covering squares", self._lazy.task)

    def _again(self, sample: Any) -> None:
        if self._lazy.again(sample, self.sample):
            self.redraw()


def _waiting(sample: int, status: ResultStatus[Superpixels, SuperpixelWeights], request: Superpixels) -> Card:
    stopped = status.given_up(request)
    return {
        **_empty(sample),
        "waiting": "No squares are covered." if stopped else BEING_FITTED,
        "action": "Cover them" if stopped else "",
        "fault": status.error(request),
    }


def _empty(sample: int) -> Card:
    return {
        "sample": sample,
        "sentence": "",
        "trust": "",
        "weak": False,
        "waiting": "",
        "action": "",
        "fault": "",
        "shown": NOTHING,
    }
