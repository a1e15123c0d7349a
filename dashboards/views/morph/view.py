"""From the image under study to another one, and where on the way the teacher changes its mind."""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple, get_args

from dashboards.data.feature_neighbors import space
from dashboards.session import needs
from dashboards.session.engine_task import LazyResult, ResultStatus, tell_work
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.session.session import ImageOverride, Session
from dashboards.session.view import Of, View
from dashboards.views.morph.morph_card import Card, MorphCard
from dashboards.views.morph.table import NOTHING, Goal, goal, note, sentence, shown
from dashboards.widgets.help import Help
from deepvid import config
from deepvid.config import names
from deepvid.engine.requests import Edited, Morph, Morphed

NO_FOCUS = "The way from the image under study to another one appears here."
NO_MODELS = (
    "The way to another image needs the teacher and the autoencoder. Open the whole run, or continue it."
)
STEPS = (11, 21, 41)
HINTS: dict[names.Way, str] = {
    "linear": "Latents on the straight line between both",
    "spherical": "Latents on the arc around zero between both: as long as those of images in between",
}
PINNED: dict[Of, str] = {"focus": "the pinned image", "pin": "the image under study"}
PIN = " Pin it (P) and study another: the way then leads between the two."
NO_GOAL = "The teacher recognizes no image that it could lead to. Pin this one (P), and study another."


class Own(NamedTuple):
    """What was chosen, and how the last request stands."""

    steps: int
    way: names.Way
    status: ResultStatus[Morph, Morphed]


class Prepared(NamedTuple):
    """What the card will show, and what is to be walked for it."""

    card: Card
    images: bytes
    request: Morph | None


class MorphView(View):
    """Follows the focus and the pin: the way leads to the pinned image, else to a near one."""

    subject = "The way from #{focus}"
    needs = (
        needs.IMAGES.saying(NO_FOCUS),
        needs.FOCUS.saying(NO_FOCUS),
        needs.MODEL,
        needs.QUERIES,
        needs.stage("teacher").saying(NO_MODELS),
        needs.stage("vae").saying(NO_MODELS),
        needs.variable("teacher", "features"),
        needs.PICTURES,
    )
    follows: ClassVar = ("run", "facts", "focus", "beside")
    help: ClassVar = Help(
        what="The way from this image to another through the latents, with the teacher's probabilities "
        "at each step and where its answer flips.",
        use="Drag along the strip, use the slider or play it; the image card follows. A pinned image "
        "is where it leads.",
        beware="What lies between is what the autoencoder draws there, not data. An answer that flips "
        "and returns between two steps is not seen.",
        source="Spherical: White 2016. Flips are found by bisection to a thousandth of the way.",
    )

    def __init__(self, session: Session, *, of: Of = "focus") -> None:
        super().__init__(session, of=of)
        self._lazy = LazyResult[Morph, Morphed](session, self._report, of=of)
        actions = {
            "show": self._show,
            "steps": self._choose_steps,
            "way": self._choose_way,
            "walk": self._again,
            "cancel": lambda _: self._lazy.cancel(),
        }
        self._widget = MorphCard(actions, sizing_mode="stretch_both")
        self._standing = ImageOverride(session)
        self._steps = STEPS[0]
        self._way: names.Way = "linear"
        self.link(self._widget)

    def local_state(self) -> Own:
        """What the scene does not know."""
        return Own(self._steps, self._way, self._lazy.status)

    def prepare(self, scene: Scene) -> Prepared:
        """The way where it is walked, else what is to be walked, or why nothing can be."""
        table, run, sample, own = scene.table, scene.run, scene.focus, scene.own
        assert table is not None
        assert run is not None
        assert sample is not None
        chosen = self._goal(scene)
        if chosen is None:
            return Prepared({**_empty(sample, own), "waiting": NO_GOAL}, b"", None)
        told = note(table, sample, chosen)
        lacks = missing([needs.ENGINE], scene)
        if lacks is not None:
            text = f"The images on the way are not stored, but computed. {lacks.text}"
            return Prepared({**_empty(sample, own), "note": told, "waiting": text}, b"", None)
        kind = config.Students.model_validate(run.config.get("students", {})).neighborhood
        request = Morph(run.address, sample, chosen.sample, own.steps, own.way, kind)
        found: Morphed | None = own.status.result(request)
        if found is None:
            return Prepared({**_waiting(sample, own, request), "note": told}, b"", request)
        names_ = table.class_names
        return Prepared(
            {
                **_empty(sample, own),
                "sentence": sentence(found.flips, names_[int(found.logits[0].argmax())], names_),
                "note": told + ("" if scene.beside is not None else PIN),
                "shown": shown(found, names_, table.link),
            },
            found.image.tobytes(),
            request,
        )

    def publish(self, prepared: Prepared) -> None:
        """Shows the card, and asks for what is missing of it, once. Of one image the last way stays until the
        next one is there.
        """
        card = prepared.card
        coming = prepared.request is not None and not card["shown"]["position"] and not card["action"]
        if card != self._widget.card and not (coming and self._widget.card.get("sample") == card["sample"]):
            self._widget.param.update(card=card, images=prepared.images)
        self._lazy.follow(prepared.request)

    def _goal(self, scene: Scene) -> Goal | None:
        table, run, sample, beside = scene.table, scene.run, scene.focus, scene.beside
        assert table is not None
        assert run is not None
        assert sample is not None
        if beside is not None and beside != sample and table.row_of(beside) is not None:
            return Goal(beside, PINNED[self._of])
        return goal(table, space(run), sample)

    def _report(self) -> None:
        tell_work(self, self._widget, "Walking the way", self._lazy.task)

    def _again(self, sample: Any) -> None:
        if self._lazy.again(sample, self.sample):
            self.redraw()

    def _choose_steps(self, steps: Any) -> None:
        if type(steps) is int and steps in STEPS:
            self._steps = steps
            self._change()

    def _choose_way(self, way: Any) -> None:
        if isinstance(way, str) and way in HINTS:
            self._way = way
            self._change()

    def _change(self) -> None:
        self._standing.leave()
        self.redraw()

    def _show(self, value: Any) -> None:
        step = self._chosen(value)
        if step is None or self._lazy.answer is None:
            self._standing.leave()
            return
        found, sample = self._lazy.answer.result, self._lazy.answer.request.sample
        name = f"morph {found.position[step]:.2f}".replace(" 0.", " .")
        self._standing.show(Edited(sample, found.image[step], found.logits[step], name))

    def _chosen(self, value: Any) -> int | None:
        """The step that a message names; None where it names none that is here."""
        if not isinstance(value, Mapping) or self._lazy.answer is None:
            return None
        sample, step = value.get("sample"), value.get("step")
        if sample != self.sample or sample != self._lazy.answer.request.sample or type(step) is not int:
            return None
        return step if 0 <= step < len(self._lazy.answer.result.position) else None


def _waiting(sample: int, own: Own, request: Morph) -> Card:
    stopped = own.status.given_up(request)
    return {
        **_empty(sample, own),
        "waiting": "The way is not walked." if stopped else "The way is being walked …",
        "action": "Walk it" if stopped else "",
        "fault": own.status.error(request),
    }


def _empty(sample: int, own: Own) -> Card:
    return {
        "sample": sample,
        "sentence": "",
        "note": "",
        "waiting": "",
        "shown": NOTHING,
        "steps": own.steps,
        "choices": list(STEPS),
        "way": own.way,
        "ways": [[name, HINTS[name]] for name in get_args(names.Way)],
        "action": "",
        "fault": "",
    }
