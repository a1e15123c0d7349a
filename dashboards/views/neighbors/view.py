"""What a student is fitted on: the neighbors of the image under study, and what the teacher says of each."""

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, NamedTuple

from dashboards.data.students import Student
from dashboards.session import needs
from dashboards.session.engine_task import FitTask, LazyResult, ResultStatus, TaskStatus
from dashboards.session.needs import Missing, missing
from dashboards.session.scene import Scene
from dashboards.session.session import ImageOverride, Session
from dashboards.session.view import Of, View
from dashboards.views.neighbors.neighbors_card import Card, NeighborsCard
from dashboards.views.neighbors.rings import Placing, Ringed, Rings, ringed
from dashboards.views.neighbors.table import NOTHING, chance, sentence, shares, spanned, stored, tiles
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


class Own(NamedTuple):
    """How the last requests stand, and the last fit."""

    status: ResultStatus[DrawNeighbors, Neighbors]
    fitted: TaskStatus
    placing: Placing


class Prepared(NamedTuple):
    """What the card will show, and what is to be drawn for it."""

    card: Card
    tiles: bytes
    request: DrawNeighbors | None
    rings: Ringed | None = None  # None: there is nothing to place


class NeighborsView(View):
    """Follows the focus and its student. A run stores no neighbors, so they are drawn when they are seen."""

    subject = "The neighbors of #{focus}"
    needs = (needs.IMAGES.saying(NO_FOCUS), needs.FOCUS.saying(NO_FOCUS))
    follows: ClassVar = ("run", "facts", "version", "focus", "student", "fitted", "projection", "rings")
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
        super().__init__(session, of=of)
        actions: Actions = {
            "show": self._show,
            "draw": self._draw,
            "fit": self._fit,
            "cancel": lambda _: self._stop(),
            "rings": lambda on: self._rings.turn(on),
        }
        self._widget = NeighborsCard(actions, sizing_mode="stretch_both")
        self._lazy = LazyResult[DrawNeighbors, Neighbors](session, self._report, of=of)
        self._fitting = FitTask(session, self._report)
        self._rings = Rings(session, self.showing, self._report, of=of)
        self._standing = ImageOverride(session)
        self.link(self._widget)

    def local_state(self) -> Own:
        """What the scene does not know."""
        return Own(self._lazy.status, self._fitting.status, self._rings.placing)

    def prepare(self, scene: Scene) -> Prepared:
        """The tiles where they are drawn, else what is to be drawn, or why nothing can be."""
        known, run, sample = scene.students, scene.run, scene.focus
        assert known is not None
        assert run is not None
        assert sample is not None
        student = known.facts(sample, scene.student)
        lacks = missing(DRAWING, scene)
        if lacks is not None:
            return Prepared(_stored(scene, student, lacks), b"", None)
        use = run.config.get("students", {}) if student is None else student.settings
        settings = config.Students.model_validate(use)
        request = DrawNeighbors(run.address, sample, settings, int(run.config.get("seed", 0)))
        found: Neighbors | None = scene.own.status.result(request)
        if found is None:
            return Prepared(_waiting(sample, scene.own, request), b"", request)
        rings = ringed(scene, request, found, scene.own.placing) if self._rings.offered else None
        return _drawn(scene, student, request, found)._replace(rings=rings)

    def publish(self, prepared: Prepared) -> None:
        """Shows the card, and asks for what is missing of it, once."""
        if prepared.card != self._widget.card:
            self._widget.param.update(card=prepared.card, tiles=prepared.tiles)
        self._widget.rings = prepared.rings.switch if prepared.rings else {}
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
        fitted, before = self._fitting.status, bool(self._widget.work)
        with self.session.hold():
            if fitted.busy:
                self._widget.work = work_line(f"Fitting {fitted.subject}", fitted.tick)
            else:
                lines = [work_line(text, asked.tick) for text, asked in works if asked.busy]
                self._widget.work = lines[0] if lines else {}
            if before and not self._widget.work:
                self.redraw()

    def _stop(self) -> None:
        self._lazy.cancel()
        self._rings.cancel()
        self._fitting.cancel()

    def _draw(self, sample: Any) -> None:
        if self._lazy.again(sample, self.sample):
            self.redraw()

    def _show(self, value: Any) -> None:
        number = self._chosen(value)
        if number is None or self._lazy.answer is None:
            self._standing.leave()
            return
        drawn, sample = self._lazy.answer.result, self._lazy.answer.request.sample
        self._standing.show(Edited(sample, drawn.image[number], drawn.logits[number], "neighbor"))

    def _chosen(self, value: Any) -> int | None:
        """The number of the neighbor that a message names; None where it names none that is here."""
        if not isinstance(value, Mapping) or self._lazy.answer is None:
            return None
        sample, number = value.get("sample"), value.get("number")
        if sample != self.sample or sample != self._lazy.answer.request.sample or type(number) is not int:
            return None
        return number if 0 <= number < len(self._lazy.answer.result.image) else None

    def _fit(self, sample: Any) -> None:
        run, answer = self.session.run, self._lazy.answer
        if run is None or answer is None or not sample == self.sample == answer.request.sample:
            return
        self._fitting.fit(run, sample, answer.request.settings, partial(self.session.open_tab, "explain"))


def _drawn(scene: Scene, student: Student | None, request: DrawNeighbors, drawn: Neighbors) -> Prepared:
    table, row = scene.table, scene.row
    assert table is not None
    assert row is not None
    shown, pictures = tiles(drawn, table.images([row])[0], table.class_names, table.link)
    commonest, total = shown["classes"][0], len(drawn.image)
    notes = [
        chance(commonest["name"], commonest["count"] / total),
        spanned(request.settings.model_dump(mode="json"), drawn.widening),
        shares(total, drawn.held_out, fitted=student is not None),
    ]
    if len(shown["number"]) < total:
        notes.append(f"{len(shown['number']):,} of them are shown.")
    card: Card = {
        "sample": request.sample,
        "sentence": sentence(shown["classes"]),
        "notes": notes,
        "waiting": "",
        "shown": shown,
        "action": "",
        "fit": student is None,
        "fault": scene.own.fitted.about(f"#{request.sample}").error,
    }
    return Prepared(card, pictures, request)


def _waiting(sample: int, own: Own, request: DrawNeighbors) -> Card:
    stopped = own.status.given_up(request)
    return {
        **_empty(sample),
        "waiting": "They are not drawn." if stopped else "The neighbors are being drawn …",
        "action": "Draw them" if stopped else "",
        "fault": own.status.error(request),
    }


def _stored(scene: Scene, student: Student | None, lacks: Missing) -> Card:
    """What the run has of them without drawing any."""
    assert scene.focus is not None
    assert scene.table is not None
    kept = "No student of this image is stored, and so nothing of its neighbors."
    if student is not None:
        share, label = student.values.get("commonest"), student.values.get("commonest_class")
        kept = stored(
            student.settings,
            float(student.values.get("widening") or 1.0),
            None if share is None or label is None else float(share),
            "" if label is None else scene.table.class_names[int(label)],
        )
    anew = "The neighbors themselves are not stored, but drawn anew, here and as rings on the map."
    return {**_empty(scene.focus), "sentence": kept, "waiting": f"{anew} {lacks.text}"}


def _empty(sample: int) -> Card:
    return {
        "sample": sample,
        "sentence": "",
        "notes": [],
        "waiting": "",
        "shown": NOTHING,
        "action": "",
        "fit": False,
        "fault": "",
    }
