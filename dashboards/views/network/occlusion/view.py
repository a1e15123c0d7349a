"""Where covering the image under study changes the unit that the page shows, and every logit."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

from dashboards.session import needs
from dashboards.session.engine_task import LazyResult, ResultStatus, tell_work
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.views.network import comparing
from dashboards.views.network.changing import NO_TEACHER, studied
from dashboards.views.network.compared_view import ComparedView
from dashboards.views.network.occlusion.occlusion_card import Card, OcclusionCard
from dashboards.views.network.occlusion.table import NOTHING, drawn, sentence
from dashboards.views.network.state import UNITS
from dashboards.views.network.strip.table import aim
from dashboards.widgets.help import Help
from deepvid.engine.requests import Occluded, OccludeImage

NO_FOCUS = "Where covering the image under study changes a unit appears here: click an image."
BEING_COVERED = "The image is being covered, patch after patch …"


class Own(NamedTuple):
    """What the page asks for, what was chosen of changes, and how the last request stands."""

    page: comparing.Own
    target: str
    status: ResultStatus[OccludeImage, Occluded]


class Prepared(NamedTuple):
    """What the card will show, and what is to be computed for it."""

    card: Card
    drops: bytes
    image: bytes
    request: OccludeImage | None


class OcclusionView(ComparedView):
    """Follows the focus and the unit. Nothing of it is stored: it is computed when it is seen."""

    subject = "What covering #{focus} changes"
    needs = (*UNITS, *studied(NO_FOCUS, needs.INSIDE))
    follows: ClassVar = (*ComparedView.follows, "focus")
    help: ClassVar = Help(
        what="One patch of the image after another is covered with a blurred copy of what is there. Each map "
        "has a cell for every patch: blue where covering it lowers the unit's mean response, or a class's "
        "logit, orange where it raises that. All maps have one scale, in standard deviations over the test "
        "images, so that a unit can be held against a logit.",
        use="It follows the image under study and the unit of the page. Point at a cell to read it, and to "
        "see the patch. Below are the units of all layers that change most: a click shows one.",
        beware="A class's map is of its logit alone: what raises all logits alike changes no answer, so hold "
        "it against the other class. A blurred patch is still something to see: at the edge of an object it "
        "can draw a soft one. Patches are covered one at a time, so what is there twice may seem not to "
        "matter.",
        source="A feature map under a moving patch: Zeiler and Fergus 2014, section 4.2. R = f(x) − f(x "
        "with the patch blurred), the Gaussian's deviation half the patch's side.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._lazy = LazyResult[OccludeImage, Occluded](session, self._report, of="occlusion")
        actions = {
            "unit": self._open,
            "cover": self._again,
            "cancel": lambda _: self._lazy.cancel(),
        }
        self._widget = OcclusionCard(actions, sizing_mode="stretch_both")
        self.showing.watch(self.state, ["target"], self.redraw)
        self.link(self._widget)

    def local_state(self) -> Own:  # type: ignore[override]
        """What the scene does not know."""
        return Own(super().local_state(), self.state.target, self._lazy.status)

    def is_stale(self, scene: Scene) -> bool:
        """Another unit or class may be asked about while one is prepared."""
        return bool(scene.own[:2] != self.local_state()[:2])

    def prepare(self, scene: Scene) -> Prepared:
        """The maps where they are computed, else what is to be, or why nothing can be."""
        table, row, run, own = scene.table, scene.row, scene.run, scene.own
        assert table is not None
        assert row is not None
        assert run is not None
        sample = int(table.samples[row])
        lacks = missing([needs.stage("teacher").saying(NO_TEACHER), needs.ENGINE], scene)
        if lacks is not None:
            text = (
                f"What covering an image changes is not stored, but computed with the teacher. {lacks.text}"
            )
            return Prepared({**_empty(sample), "waiting": text}, b"", b"", None)
        request = OccludeImage(run.address, sample)
        found: Occluded | None = own.status.result(request)
        if found is None:
            return Prepared(_waiting(sample, own.status, request), b"", b"", request)
        _, shown = self.comparison(replace(scene, own=own.page))
        image, asked = table.images([row])[0], aim(table, row, own.target)
        maps = drawn(
            found, shown.units, shown.unit, image.shape, table.class_names, asked.answer, asked.target
        )
        card: Card = {
            **_empty(sample),
            "sentence": sentence(found, shown.units, shown.unit),
            "shown": maps.shown,
        }
        return Prepared(card, maps.drops, image.tobytes(), request)

    def publish(self, prepared: Prepared) -> None:
        """Shows the card, and asks for what is missing of it, once."""
        if prepared.card != self._widget.card:
            self._widget.param.update(card=prepared.card, drops=prepared.drops, image=prepared.image)
        self._lazy.follow(prepared.request)

    def _report(self) -> None:
        tell_work(self, self._widget, "Covering patches", self._lazy.task)

    def _again(self, sample: Any) -> None:
        if self._lazy.again(sample, self.sample):
            self.redraw()

    def _open(self, value: Any) -> None:
        card = self._widget.card
        if not isinstance(value, Mapping) or not card or value.get("sample") != card["sample"]:
            return
        for strong in card["shown"]["strongest"]:
            if (strong["layer"], strong["unit"]) == (value.get("layer"), value.get("unit")):
                self.open_unit(strong["unit"], strong["layer"])


def _waiting(sample: int, status: ResultStatus[OccludeImage, Occluded], request: OccludeImage) -> Card:
    stopped = status.given_up(request)
    return {
        **_empty(sample),
        "waiting": "The image is not covered." if stopped else BEING_COVERED,
        "action": "Cover it" if stopped else "",
        "fault": status.error(request),
    }


def _empty(sample: int) -> Card:
    return {"sample": sample, "sentence": "", "waiting": "", "action": "", "fault": "", "shown": NOTHING}
