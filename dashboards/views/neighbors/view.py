"""What a student is fitted on: the neighbors of the image under study, and what the teacher says of each."""

from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, NamedTuple

from dashboards.data.students import Student
from dashboards.kit.card import Card, Computation, Inquiry
from dashboards.kit.card import Own as OwnState
from dashboards.kit.elements import Box, Button, Element, column, quiet, text
from dashboards.kit.neighbors import NeighborTiles
from dashboards.session import needs
from dashboards.session.engine_task import FitTask, LazyResult, ResultStatus, TaskStatus
from dashboards.session.needs import Missing, missing
from dashboards.session.scene import Scene
from dashboards.session.session import ImageOverride, Session
from dashboards.session.view import Of
from dashboards.views.neighbors.rings import Placing, Ringed, Rings, Switch, ringed
from dashboards.views.neighbors.table import chance, shares, spanned, stored, tiles
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from dashboards.widgets.work import work_line
from deepvid import config
from deepvid.engine.requests import DrawNeighbors, Edited, Neighbors

NO_FOCUS = "The neighbors of the image under study appear here."
NO_MODELS = "Drawing them needs the teacher and the autoencoder. Continue the run, or open the whole one."
DRAWING = (
    needs.MODEL,
    needs.QUERIES,
    needs.stage("teacher").saying(NO_MODELS),
    needs.stage("vae").saying(NO_MODELS),
    needs.PICTURES,
    needs.ENGINE,
)


WORDS = Computation(
    of="neighbors",
    doing="Drawing the neighbors",
    waiting="The neighbors are being drawn …",
    stopped="They are not drawn.",
    again="Draw them",
    unstored="The neighbors themselves are not stored, but drawn anew, here and as rings on the map.",
)


class Own(NamedTuple):
    """How the last requests stand, and the last fit."""

    drawing: ResultStatus[DrawNeighbors, Neighbors]
    fitted: TaskStatus
    placing: Placing


class Prepared(NamedTuple):
    """The card, and what is to be drawn for it."""

    tree: Element
    request: DrawNeighbors | None = None
    rings: Ringed | None = None  # None: there is nothing to place


class NeighborsView(Card):
    """Follows the focus and its student. A run stores no neighbors, so they are drawn when they are seen."""

    subject = "The neighbors of #{focus}"
    needs = (needs.IMAGES.saying(NO_FOCUS), needs.FOCUS.saying(NO_FOCUS))
    follows: ClassVar = ("run", "facts", "version", "focus", "student", "fitted", "projection", "rings")
    look = "neighbors-card"
    help: ClassVar = Help(
        what="The synthetic neighbors that the student of this image is fitted on, each with the class "
        "that the teacher gives it; those held out say how far the student can be believed.",
        use="Sort or keep one class with the chips; a click or the arrow keys show a neighbor in the "
        "image card, and Escape takes it back. Some of them are rings on the map, if you like.",
        beware="They are what the autoencoder can draw around the image: where all of them look alike, "
        "or none looks like the data, the student explains little. Places on a t-SNE are approximate: of "
        "500 test images of the demo placed anew as if they were neighbors, half came within .16 of the "
        "distance to their 15th nearest, 93 % within it (a random place: none).",
        source="Sampling in the latent space of a VAE, as in DeepVID (Wang et al. 2019). New points on a "
        "t-SNE: Poličar et al. 2023.",
    )

    def __init__(self, session: Session, *, of: Of = "focus") -> None:
        self._lazy = LazyResult[DrawNeighbors, Neighbors](session, self._report, of=of)
        self._fitting = FitTask(session, self._report)
        self._rings = Rings(session, session.showing, self._report, of=of)
        self._standing = ImageOverride(session)
        super().__init__(session, of=of)

    def actions(self) -> Actions:
        """`show` {sample, number: of a neighbor, or None for none}; `again` sample; `fit` sample; `rings` or
        none; `cancel`.
        """
        return {
            "show": self._show,
            "again": self._again,
            "fit": self._fit,
            "rings": self._rings.turn,
            "cancel": lambda _: self._stop(),
        }

    def local_state(self) -> Own:
        """What the scene does not know."""
        return Own(self._lazy.status, self._fitting.status, self._rings.placing)

    def prepare(self, scene: Scene) -> Prepared:
        """The tiles where they are drawn, else what is to be drawn, or why nothing can be."""
        run, _, _, sample = scene.studied
        assert scene.students is not None
        student, lacks = scene.students.facts(sample, scene.student), missing(DRAWING, scene)
        asking = Inquiry[DrawNeighbors, Neighbors](WORDS, OwnState(None, scene.own.drawing), lacks)
        if lacks is not None:
            kept = Box((text(_stored(scene, student), tag="h3", look="sentence"),), role="status")
            return Prepared(column(kept, asking.absent()))
        use = run.config.get("students", {}) if student is None else student.settings
        settings = config.Students.model_validate(use)
        request = DrawNeighbors(run.address, sample, settings, int(run.config.get("seed", 0)))
        drawn = asking.result(request)
        if drawn is None:
            return Prepared(asking.absent(), request)
        rings = ringed(scene, request, drawn, scene.own.placing) if self._rings.offered else None
        return Prepared(_drawn(scene, student, request, drawn, rings and rings.switch), request, rings)

    def publish(self, prepared: Prepared) -> None:
        """Shows the card, and asks for what is missing of it, once."""
        super().publish(prepared.tree)
        self._lazy.follow(prepared.request)
        self._rings.follow(prepared.rings)

    def show_placeholder(self, lacks: Missing) -> None:
        """No image, no rings."""
        super().show_placeholder(lacks)
        self._rings.follow(None)

    def _report(self) -> None:
        """The work has told something: only its line moves, until it ends."""
        works = (
            ("Drawing the neighbors", self._lazy.task),
            ("Placing them on the map", self._rings.asked),
        )
        fitted, before = self._fitting.status, bool(self.component.work)
        with self.session.hold():
            if fitted.busy:
                self.component.work = work_line(f"Fitting {fitted.subject}", fitted.tick)
            else:
                lines = [work_line(text, asked.tick) for text, asked in works if asked.busy]
                self.component.work = lines[0] if lines else {}
            if before and not self.component.work:
                self.redraw()

    def _stop(self) -> None:
        self._lazy.cancel()
        self._rings.cancel()
        self._fitting.cancel()

    def _again(self, sample: int) -> None:
        if self._lazy.again(sample, self.sample):
            self.redraw()

    def _show(self, asked: Any) -> None:
        sample, number, answer = asked["sample"], asked["number"], self._lazy.answer
        if number is None or answer is None or sample != answer.request.sample:
            self._standing.leave()
            return
        drawn = answer.result
        self._standing.show(Edited(sample, drawn.image[number], drawn.logits[number], "neighbor"))

    def _fit(self, sample: int) -> None:
        run, answer = self.session.run, self._lazy.answer
        if run is not None and answer is not None:
            then = partial(self.session.open_tab, "why", "student")
            self._fitting.fit(run, sample, answer.request.settings, then)


def _drawn(
    scene: Scene, student: Student | None, request: DrawNeighbors, drawn: Neighbors, switch: Switch | None
) -> NeighborTiles:
    _, table, row, sample = scene.studied
    alone = tiles(sample, drawn, table.images([row])[0], table.class_names, table.link)
    commonest, total, shown = alone.classes[0], len(drawn.image), len(alone.numbers())
    more = [
        spanned(request.settings.model_dump(mode="json"), drawn.widening),
        shares(total, drawn.held_out, fitted=student is not None),
        f"{shown:,} of them are shown." if shown < total else "",
        switch.text if switch else "",
    ]
    fault = scene.own.fitted.about(f"#{sample}").error
    return replace(
        alone,
        children=(
            None if student else _fit_button(sample),
            _rings_button(switch) if switch else None,
            quiet(
                chance(commonest.name, commonest.images / total),
                text(f" {' '.join(filter(None, more))}", look="more"),
                tag="p",
                look="notes",
            ),
            text(fault, tag="p", look="warning") if fault else None,
        ),
    )


def _fit_button(sample: int) -> Button:
    hint = "A student of this image, with the settings of the run"
    return Button(("Fit a student with these",), "fit", sample, look="chip", hint=hint)


def _rings_button(switch: Switch) -> Button:
    hint = "Show some of them as rings on the map"
    return Button(("On the map",), "rings", not switch.on, pressed=switch.on, look="chip", hint=hint)


def _stored(scene: Scene, student: Student | None) -> str:
    """What the run has of them without drawing any."""
    if student is None:
        return "No student of this image is stored, and so nothing of its neighbors."
    share, label = student.values.get("commonest"), student.values.get("commonest_class")
    return stored(
        student.settings,
        float(student.values.get("widening") or 1.0),
        None if share is None or label is None else float(share),
        "" if label is None else scene.studied.table.class_names[int(label)],
    )
