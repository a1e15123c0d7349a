"""What the autoencoder knows of an image: its latents can be moved, and image and bars follow."""

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, NamedTuple

from dashboards.data.latents import Latents, latents
from dashboards.kit import latents as elements
from dashboards.kit.card import Card
from dashboards.kit.elements import Choice, Element, column, quiet, text
from dashboards.kit.latents import Axis
from dashboards.kit.pictures import Scale
from dashboards.session import needs
from dashboards.session.engine_task import EngineTask, FitTask, TaskStatus, tell_work
from dashboards.session.navigation import AXES
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import Of
from dashboards.theme import CLASS_COLORS
from dashboards.views.latent.company import REACH, Company, lines, rows
from dashboards.views.latent.table import as_setting, axes, by_effect, directions, half_widths, others
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid import config
from deepvid.engine.requests import Edited, EditLatents, LatentSensitivity, WeighLatents
from deepvid.wording import percent

NO_FOCUS = "The latents of the image under study appear here."
NO_VAE = "The latents appear here once the autoencoder is trained."
NO_TEACHER = "The latents appear here once the teacher is trained."

MOST_AXES = 30  # more are columns of a heat map
INFORMATION, EFFECT, DIRECTIONS = AXES
KINDS = (
    (INFORMATION, "by information", "What the latent says of an image: its mean divergence from the prior"),
    (EFFECT, "by effect", "How far the probability of the predicted class changes within the band"),
    (DIRECTIONS, "directions", "Principal directions: along which the images of the run differ most"),
)


class Own(NamedTuple):
    """The view's own state."""

    fit: TaskStatus
    weighed: LatentSensitivity | None  # what was asked last
    failed: str  # why that is not known


class Prepared(NamedTuple):
    """The card, and whether effects are to be measured for it."""

    tree: Element
    weighs: bool


class LatentView(Card):
    """Follows the focus. What is moved is shown by the image card, until it is moved back."""

    subject = "The latents of #{focus}"
    needs = (
        needs.IMAGES.saying(NO_FOCUS),
        needs.FOCUS.saying(NO_FOCUS),
        needs.MODEL,
        needs.QUERIES,
        needs.stage("teacher").saying(NO_TEACHER),
        needs.stage("vae").saying(NO_VAE),
    )
    follows: ClassVar = ("run", "facts", "focus", "mask", "axes")
    look = "latent-card"
    help: ClassVar = Help(
        what="What the autoencoder keeps of the image, one axis a number: how far it moves, and the "
        "band that neighbors are drawn from. Behind it the selected images, in the colors of their classes.",
        use="Drag a value or use the arrow keys, and image and bars follow; Escape takes it back. The "
        "ends of a band can be dragged, or moved by arrow keys with Shift. A direction moves all latents at "
        "once. More than 30 latents are columns: a cell of the first row is dragged up and down.",
        beware="The picture is the image plus what the autoencoder changes: far from the data it draws "
        "what it knows, not what exists. Latents and directions need not stand for anything a person "
        "has a word for.",
        source="VAE: Kingma & Welling 2014. Information: mean KL to the prior. Effect: half the change "
        "of the predicted class's probability from one end of the band to the other. Directions: principal "
        "components of the means.",
    )

    def __init__(self, session: Session, *, of: Of = "focus") -> None:
        self._asked = 0
        self._fitting = FitTask(session, self._report)
        self._weighed: LatentSensitivity | None = None
        self._weighing = EngineTask(session, self._told, of=f"{of} weighed")
        self._asking = EngineTask(session, self._answer)
        super().__init__(session, of=of)

    def actions(self) -> Actions:
        """Those of `Latents`, a shift of zeros takes all back; `axes` one of `AXES`; `cancel` a fit."""
        return {
            "axes": self._turn,
            "study": self.session.focus_asked,
            "edit": self._edit,
            "fit": self._fit,
            "cancel": lambda _: self._fitting.cancel(),
        }

    def local_state(self) -> Own:
        """How the last fit stands, and what is known of effects."""
        return Own(self._fitting.status, self._weighed, self._weighing.status.error)

    def prepare(self, scene: Scene) -> Prepared:
        """Reads the latents of one image, and of the selected ones."""
        run, table, row, sample = scene.studied
        known, own, lacks = latents(run), scene.own, missing([needs.ENGINE], scene)
        weighed = own.weighed if own.weighed and own.weighed.sample == sample else None
        effect = None if weighed is None else weighed.sensitivity
        kind = INFORMATION if scene.axes == EFFECT and effect is None else scene.axes
        along, band = kind == DIRECTIONS, half_widths(known, _settings(run.config).band)
        order = by_effect(effect) if effect is not None and kind == EFFECT else known.order
        shown = directions(known, sample) if along else axes(known, sample, band, order, effect)
        heat = not along and len(shown) > MOST_AXES
        company = (rows if heat else lines)(known, table, scene.mask, row, shown)
        drawn = elements.Latents(
            sample=sample,
            latents=len(known.scale),
            axes=tuple(shown),
            folded=None if along else others(known, band),
            heat=heat,
            vectors=known.directions.vector.tobytes() if along else b"",
            places=company.places,
            rows=company.rows,
            colors=tuple(CLASS_COLORS),
            reach=REACH,
            fixed=lacks is not None,
            warning=f"Nothing can be moved here. {lacks.text}"
            if lacks
            else own.fit.about(f"#{sample}").error or own.failed,
            children=(Choice("axes", KINDS, kind, segments=True, label="Axes"),),
        )
        sentence = _along(shown) if along else _sentence(known, heat=heat)
        tree = column(text(sentence, tag="p", look="sentence"), drawn, _how(company, along=along, heat=heat))
        return Prepared(tree, scene.axes != kind and not lacks)

    def publish(self, prepared: Prepared) -> None:
        """Shows the card, and asks for effects that it lacks."""
        super().publish(prepared.tree)
        if prepared.weighs:
            self._weigh()

    def _turn(self, kind: str) -> None:
        with self.session.hold():
            self.session.navigation.axes = kind

    def _weigh(self) -> None:
        """Asks how far the teacher depends on each latent, once for a sample."""
        run, sample = self.session.run, self.sample
        if run is None or sample is None or self._weighing.status.subject == f"#{sample} of {run.id}":
            return
        settings = _settings(run.config)
        band = tuple(half_widths(latents(run), settings.band).tolist())
        request = WeighLatents(run.address, sample, band, settings.neighborhood)
        self._weighing.ask(f"#{sample} of {run.id}", request, self._take)

    def _told(self) -> None:
        if self._weighing.error is not None:
            self.redraw()

    def _take(self, weighed: LatentSensitivity) -> None:
        self._weighed = weighed
        self.redraw()

    def _edit(self, asked: Any) -> None:
        run, sample, shift = self.session.run, self.sample, tuple(map(float, asked["shift"]))
        self._asked = asked["asked"]
        if run is None or sample is None or asked["sample"] != sample:
            return
        if not any(shift):
            self._asking.cancel()
            with self.session.hold():
                self.session.edit(sample, None)
                self._answer()
            return
        request = EditLatents(run.address, sample, shift, _settings(run.config).neighborhood)
        self._asking.ask(f"#{sample}", request, self._arrived)

    def _fit(self, asked: Any) -> None:
        run, bands, folded = self.session.run, dict(asked["bands"]), asked["others"]
        if run is None:
            return
        settings = _settings(run.config)
        if bands or folded is not None:
            settings = settings.replaced(band=as_setting(latents(run), bands, settings.band, folded))
        self._fitting.fit(run, asked["sample"], settings, partial(self.session.open_tab, "why", "student"))

    def _report(self) -> None:
        asked = self._fitting.status
        tell_work(self, self.component, f"Fitting {asked.subject}", asked)

    def _arrived(self, edited: Edited) -> None:
        if edited.sample == self.sample:
            self.session.edit(edited.sample, edited)

    def _answer(self) -> None:
        if not self._asking.busy:
            self.component.answered = {"asked": self._asked, "error": self._asking.status.error}


def _settings(table: Mapping[str, Any]) -> config.Students:
    return config.Students.model_validate(table.get("students", {}))


def _how(company: Company, *, along: bool, heat: bool) -> Element:
    """The key to what is drawn."""
    end = f"{REACH:g} sd"
    bar = (
        "% of the variance · bands belong to latents"
        if along
        else "bar: the band its neighbors are drawn within"
    )
    axes = (f"ticks: 5 % and 95 % of all images · {bar}",)
    scale = (
        "a color is how far from the mean of all images: ",
        Scale(f"−{end}", f"+{end}"),
        " · right: the marked latent and its band",
    )
    others = f" · {company.legend}" if company.legend else None
    return quiet(*(scale if heat else axes), others, tag="p", look="how")


def _sentence(known: Latents, *, heat: bool) -> str:
    active, total = int(known.active.sum()), len(known.active)
    what = "a cell of the first row" if heat else "a latent"
    folded = f"; {total - active} do not" if active < total else ""
    return f"Drag {what}: image and bars follow. {active} of {total} latents say something{folded}."


def _along(shown: list[Axis]) -> str:
    share = sum(axis.share or 0.0 for axis in shown)
    return (
        f"Drag a direction: all latents move along it. These {len(shown)} hold {percent(share)} of "
        "the variance of the images."
    )
