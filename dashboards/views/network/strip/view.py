"""What would change the teacher's mind about the image under study: frames towards another class."""

from typing import Any, ClassVar, NamedTuple, cast

from dashboards.data.population import Population
from dashboards.session import needs
from dashboards.session.engine_task import LazyResult, ResultStatus, tell_work
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import View
from dashboards.views.network.changing import NO_TEACHER, space_shown, studied
from dashboards.views.network.state import network_state
from dashboards.views.network.strip.strip_card import Card, StripCard
from dashboards.views.network.strip.table import (
    HINTS,
    NOTHING,
    Aim,
    aim,
    aims,
    drawn,
    notes,
    sentence,
    transfer,
)
from dashboards.widgets.component import Nothing
from dashboards.widgets.help import Help
from deepvid import wording
from deepvid.config import names
from deepvid.config.names import SPACES
from deepvid.engine.requests import DrawStrip, Frames

NO_FOCUS = "What would change the teacher's mind about the image under study appears here: click one."
BEING_DRAWN = "The strip is being drawn …"


class Own(NamedTuple):
    """What was chosen, and how the last request stands."""

    space: names.Space
    target: str
    status: ResultStatus[DrawStrip, Frames]


class Prepared(NamedTuple):
    """What the card will show, and what is to be drawn for it."""

    card: Card
    pictures: bytes
    differences: bytes
    request: DrawStrip | None


class StripView(View):
    """Follows the focus. Strips of some errors to their true class are stored; others are drawn when seen."""

    subject = "What would change its mind about #{focus}"
    needs = studied(
        NO_FOCUS,
        needs.QUERIES,
        needs.GRADIENTS.saying(
            "A strip is led by gradients, and this classifier gives answers alone. Squares and What if ask "
            "no more than these."
        ),
    )
    follows: ClassVar = ("run", "version", "facts", "focus")
    help: ClassVar = Help(
        what="The image under study, changed step by step until the teacher takes it for another class. Each "
        "frame has as much more evidence for the target as the one before; below it what has changed, on one "
        "scale for all, and how much. The line marks where the answer changes.",
        use="Choose the class it leads to, or away from its answer, and where it is changed: in the latents "
        "of the autoencoder, in smoothed pixels, or in raw ones.",
        beware="It is one way of many, the steepest. A change that convinces this teacher need not convince "
        "another: how many of such flips did is written below, and of raw pixels hardly any. In latents only "
        "what the autoencoder can draw changes, and the rest of the image stays as it is.",
        source="Adversarial strips of Deepling, with steps of equal evidence; smoothed steps are those of a "
        "Sobolev gradient, (I + sΔ)⁻¹ ∇.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._state = network_state(session)
        self._lazy = LazyResult[DrawStrip, Frames](session, self._report, of="strip")
        actions = {
            "space": self._choose_space,
            "target": self._choose_target,
            "draw": self._again,
            "cancel": lambda _: self._lazy.cancel(),
        }
        self._widget = StripCard(actions, sizing_mode="stretch_both")
        self.showing.watch(self._state, ["space", "target"], self.redraw)
        self.link(self._widget)

    def local_state(self) -> Own:
        """What the scene does not know."""
        return Own(self._state.space, self._state.target, self._lazy.status)  # type: ignore[arg-type]

    def is_stale(self, scene: Scene) -> bool:
        """Another strip may be asked for while one is prepared."""
        return bool(scene.own[:2] != (self._state.space, self._state.target))

    def prepare(self, scene: Scene) -> Prepared:
        """The strip where it is stored or was drawn, else what is to be drawn, or why nothing can be."""
        table, row, run, own = scene.table, scene.row, scene.run, scene.own
        assert table is not None
        assert row is not None
        assert run is not None
        there = tuple(space for space in SPACES if space != "latent" or "vae" in run.stages)
        space, chosen = space_shown(own.space, there), aim(table, row, own.target)
        sample = int(table.samples[row])
        card = _empty(table, sample, space, there, chosen)
        frames = self._stored(table, sample, row, space, chosen)
        request = None
        if frames is None:
            lacks = missing([needs.stage("teacher").saying(NO_TEACHER), needs.ENGINE], scene)
            if lacks is not None:
                return Prepared({**card, "waiting": _uncomputed(table, lacks.text)}, b"", b"", None)
            request = DrawStrip(run.address, sample, chosen.target, space)  # type: ignore[arg-type]
            frames = own.status.result(request)
        if frames is None:
            assert request is not None
            return Prepared(_waiting(card, own.status, request), b"", b"", request)
        image, names_ = table.images([row])[0], table.class_names
        shown, pictures, differences = drawn(
            image, frames.difference, frames.logits, names_, chosen, table.link
        )
        told = None if table.changes is None or table.changes.changes is None else table.changes.changes.attrs
        card = {
            **card,
            "shown": shown,
            "sentence": sentence(shown, names_, chosen, sample, space),
            "notes": notes(frames.logits, chosen),
            "transfer": transfer(told, space),
        }
        return Prepared(card, pictures, differences, request)

    def publish(self, prepared: Prepared) -> None:
        """Shows the card, and asks for what is missing of it, once. Of one image the last strip stays until
        the next one is there.
        """
        card, before = prepared.card, self._widget.card
        if _coming(card) and _shows(before, card["sample"]):
            chosen = {"space": card["space"], "target": card["target"], "targets": card["targets"]}
            self._widget.card = cast(Card, {**before, **chosen})
        elif card != before:
            self._widget.param.update(card=card, pictures=prepared.pictures, differences=prepared.differences)
        self._lazy.follow(prepared.request)

    def _stored(self, table: Population, sample: int, row: int, space: str, chosen: Aim) -> Frames | None:
        """What the stage has drawn: errors towards their true class."""
        if table.changes is None or chosen.target != int(table.label[row]):
            return None
        found = table.changes.stored(sample, space)
        return None if found is None else Frames(*found)

    def _report(self) -> None:
        tell_work(self, self._widget, "Drawing the strip", self._lazy.task)

    def _again(self, sample: Any) -> None:
        if self._lazy.again(sample, self.sample):
            self.redraw()

    def _choose_space(self, name: Any) -> None:
        if name in SPACES:
            with self.session.hold():
                self._state.space = name

    def _choose_target(self, value: Any) -> None:
        if isinstance(value, str) and len(value) < 6:
            with self.session.hold():
                self._state.target = value


def _shows(card: Card | Nothing, sample: int) -> bool:
    """Whether a strip of this sample is there."""
    return bool(card) and card.get("sample") == sample and bool(cast(Card, card)["shown"]["frames"])


def _coming(card: Card) -> bool:
    """Whether it waits for a strip that is being drawn."""
    return card["waiting"] == BEING_DRAWN


def _uncomputed(table: Population, why: str) -> str:
    """What is there all the same."""
    count = 0 if table.changes is None else table.changes.strips
    errors = wording.quantity(count, "error")
    stored = f" Stored are those of {errors} to the true class." if count else ""
    return f"This strip is not stored, but drawn with the teacher. {why}{stored}"


def _waiting(card: Card, status: ResultStatus[DrawStrip, Frames], request: DrawStrip) -> Card:
    stopped = status.given_up(request)
    return {
        **card,
        "waiting": "The strip is not drawn." if stopped else BEING_DRAWN,
        "action": "Draw it" if stopped else "",
        "fault": status.error(request),
    }


def _empty(table: Population, sample: int, space: str, there: tuple[str, ...], chosen: Aim) -> Card:
    away = chosen.target is None
    target = "away" if chosen.target is None else str(chosen.target)
    return {
        "sample": sample,
        "space": space,
        "spaces": [[name, SPACES[name], HINTS[name]] for name in there],
        "target": target,
        "targets": aims(table, chosen),
        "word": "" if away else table.class_names[int(target)][:12],
        "sentence": "",
        "notes": [],
        "transfer": [],
        "waiting": "",
        "action": "",
        "fault": "",
        "shown": NOTHING,
    }
