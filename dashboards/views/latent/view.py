"""What the autoencoder knows of an image: its latents can be moved, and image and bars follow."""

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, NamedTuple

from dashboards.data.latents import latents
from dashboards.session import needs
from dashboards.session.asking import Asked, Asking
from dashboards.session.fitting import Fitting
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import Of, View
from dashboards.views.latent.latent_card import Answered, Card, LatentCard
from dashboards.views.latent.table import as_setting, axes, half_widths
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from dashboards.widgets.work import work_line
from deepvid import config
from deepvid.engine.requests import Edited, EditLatents, Weighed, WeighLatents

NO_FOCUS = "The latents of the image under study appear here."
NO_VAE = "The latents appear here once the autoencoder is trained."
NO_TEACHER = "The latents appear here once the teacher is trained."


ORDERS = ("kl", "sensitivity")


class Own(NamedTuple):
    """The view's own state."""

    fit: Asked
    order: str
    weighed: Weighed | None  # what was asked last
    failed: str  # why that is not known


class LatentView(View):
    """Follows the focus. What is moved is shown by the image card, until it is moved back."""

    subject = "The latents of #{focus}"
    needs = (
        needs.IMAGES.saying(NO_FOCUS),
        needs.FOCUS.saying(NO_FOCUS),
        needs.stage("teacher").saying(NO_TEACHER),
        needs.stage("vae").saying(NO_VAE),
    )
    follows: ClassVar = ("run", "facts", "focus")
    help: ClassVar = Help(
        what="What the autoencoder keeps of the image, one axis a number: how far it moves, and the "
        "band that neighbors are drawn from.",
        use="Drag a value or use the arrow keys, and image and bars follow; Escape takes it back. The "
        "ends of a band can be dragged, too.",
        beware="The picture is the image plus what the autoencoder changes: far from the data it draws "
        "what it knows, not what exists.",
        source="VAE: Kingma & Welling 2014. Information: mean KL to the prior. Effect: half the change "
        "of the predicted class's probability from one end of the band to the other.",
    )

    def __init__(self, session: Session, *, of: Of = "focus") -> None:
        super().__init__(session, of=of)
        self._asked = 0
        self._fitting = Fitting(session, self._report)
        self._order = ORDERS[0]
        self._weighed: Weighed | None = None
        self._weighing = Asking(session, self._told, of=f"{of} weighed")
        actions: Actions = {
            "order": self._reorder,
            "edit": self._edit,
            "fit": self._fit,
            "cancel": lambda _: self._fitting.cancel(),
        }
        self._widget = LatentCard(actions, sizing_mode="stretch_both")
        self._asking = Asking(session, self._answer)
        self.link(self._widget)

    def own(self) -> Own:
        """How the last fit stands, and in which order the axes are wanted."""
        return Own(self._fitting.asked, self._order, self._weighed, self._weighing.asked.error)

    def prepare(self, scene: Scene) -> Card:
        """Reads the latents of one image."""
        run, sample = scene.run, scene.focus
        assert run is not None
        assert sample is not None
        known = latents(run)
        own, lacks = scene.own, missing([needs.ENGINE], scene)
        weighed = own.weighed if own.weighed and own.weighed.sample == sample else None
        effect = weighed.sensitivity if weighed and own.order == "sensitivity" else None
        shown = axes(known, sample, half_widths(known, _settings(run.config).band), effect)
        return {
            "sample": sample,
            "latents": len(known.scale),
            "axes": shown,
            "sentence": _sentence(len(shown), len(known.scale)),
            "order": "kl" if effect is None else own.order,
            "fault": own.fit.about(f"#{sample}").error or own.failed,
            "refusal": f"Nothing can be moved here. {lacks.text}" if lacks else "",
        }

    def publish(self, prepared: Card) -> None:
        self._widget.param.update(card=prepared, answered={})
        if self._order == "sensitivity" and prepared["order"] != self._order and not prepared["refusal"]:
            self._weigh()

    def _reorder(self, order: str) -> None:
        if order in ORDERS:
            self._order = order
            self.redraw()

    def _weigh(self) -> None:
        """Asks how far the teacher depends on each latent, once for a sample."""
        run, sample = self.session.run, self.sample
        if run is None or sample is None or self._weighing.asked.subject == f"#{sample} of {run.id}":
            return
        settings = _settings(run.config)
        band = tuple(half_widths(latents(run), settings.band).tolist())
        request = WeighLatents(run.address, sample, band, settings.neighborhood)
        self._weighing.ask(f"#{sample} of {run.id}", request, self._take)

    def _told(self) -> None:
        if self._weighing.error is not None:
            self.redraw()

    def _take(self, weighed: Weighed) -> None:
        self._weighed = weighed
        self.redraw()

    def _edit(self, wish: Mapping[str, Any]) -> None:
        run, sample = self.session.run, self.sample
        self._asked = int(wish["asked"])
        if run is None or sample is None or wish["sample"] != sample:
            return
        shift = tuple(float(value) for value in wish["shift"])
        if not any(shift):
            self._asking.cancel()
            with self.session.hold():
                self.session.edit(sample, None)
                self._answer()
            return
        request = EditLatents(run.address, sample, shift, _settings(run.config).neighborhood)
        self._asking.ask(f"#{sample}", request, self._arrived)

    def _fit(self, wish: Mapping[str, Any]) -> None:
        run, sample = self.session.run, self.sample
        if run is None or sample is None or wish["sample"] != sample:
            return
        settings, wanted = _settings(run.config), {int(one): float(half) for one, half in wish["bands"]}
        if wanted:
            known = latents(run)
            wanted = {one: half for one, half in wanted.items() if 0 <= one < len(known.scale)}
            settings = settings.replaced(band=as_setting(known, wanted, settings.band))
        self._fitting.fit(run, sample, settings, partial(self.session.open_tab, "explain"))

    def _report(self) -> None:
        asked, before = self._fitting.asked, bool(self._widget.work)
        with self.session.hold():
            self._widget.work = work_line(f"Fitting {asked.subject}", asked.tick) if asked.busy else {}
            if before and not asked.busy:
                self.redraw()

    def _arrived(self, edited: Edited) -> None:
        if edited.sample == self.sample:
            self.session.edit(edited.sample, edited)

    def _answer(self) -> None:
        if not self._asking.busy:
            answered: Answered = {"asked": self._asked, "error": self._asking.asked.error}
            self._widget.answered = answered


def _settings(table: Mapping[str, Any]) -> config.Students:
    return config.Students.model_validate(table.get("students", {}))


def _sentence(active: int, total: int) -> str:
    folded = f"; {total - active} say nothing and are left out" if active < total else ""
    return f"Drag a latent: image and bars follow. {active} of {total} latents say something{folded}."
