"""Pictures that the unit of the page answers as strongly as a picture can be made to."""

from dataclasses import replace
from typing import Any, ClassVar, NamedTuple, get_args

import numpy as np

from dashboards.session import needs
from dashboards.session.engine_task import LazyResult, ResultStatus, tell_work
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.views.network.changing import NO_TEACHER
from dashboards.views.network.compared_view import ComparedView
from dashboards.views.network.comparing import Own as Asked
from dashboards.views.network.maximized.maximized_card import Card, MaximizedCard
from dashboards.views.network.maximized.table import (
    WARNING,
    Known,
    Lacking,
    images_tile,
    moved,
    sentence,
    sheet,
    sliders,
    stored,
    strongest,
    tile,
)
from dashboards.views.network.state import UNITS
from dashboards.widgets.help import Help
from deepvid.config import names
from deepvid.engine.requests import Maximize, MaximizedImages
from deepvid.network.switches import SHOWN, Switches

BEING_MADE = "It is being made …"
MAKINGS: tuple[names.Making, ...] = get_args(names.Making)


class Own(NamedTuple):
    """What the page asks for, what was chosen here, and how the last request stands."""

    page: Asked
    switches: Switches
    status: ResultStatus[Maximize, MaximizedImages]


class Prepared(NamedTuple):
    """What the card will show, and what is to be made for it."""

    card: Card
    pictures: bytes
    request: Maximize | None


class MaximizedView(ComparedView):
    """Two pictures are stored with the run; the one that is held back is made when seen."""

    subject = "The pictures of the unit"
    needs = (*UNITS, needs.INSIDE)
    help: ClassVar = Help(
        what="What drives the unit: the nine test images that it answers most, and pictures made for it by "
        "going up the slope of its response: in the latents of the autoencoder, in raw pixels, and in pixels "
        "that five switches hold back. Each with the unit's largest response to it, over that to the ninth "
        "image; marked is what it answers more than any image.",
        use="Choose the unit in the units' matrix. Move a switch to see what it makes of the picture; at 0 "
        "it is off, and with all off the picture is that in pixels.",
        beware="What a unit answers more than any image is off the data: the network was never asked about "
        "the like. In a game for a machine that compares pixels (which of two other images does the unit "
        "answer?) the demo's last layer was told in 89 % [85, 93] by the nine images, in 77 [71, 83] by "
        "pictures in latents, in 56 [47, 66] by those in pixels, in 55 [45, 64] by those held back, in 51 "
        "[42, 60] by nine images at random; before that layer, latents tell little more than chance. A unit "
        "that answers several things has a picture of one of them.",
        source="Yosinski et al. 2015 and their DeepVis toolbox: decay, blur, small values, small norms, "
        "small contributions. The game: Borowski et al. 2021, in which people do better with images, too.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._switches = SHOWN
        self._lazy = LazyResult[Maximize, MaximizedImages](session, self._report, of="maximized")
        actions = {"switch": self._switch, "make": self._again, "cancel": lambda _: self._lazy.cancel()}
        self._widget = MaximizedCard(actions, sizing_mode="stretch_both")
        self.link(self._widget)

    def local_state(self) -> Own:  # type: ignore[override]
        """What the scene does not know."""
        return Own(super().local_state(), self._switches, self._lazy.status)

    def is_stale(self, scene: Scene) -> bool:
        """Another unit, or other switches, may be asked for while one is prepared."""
        return bool(scene.own[:2] != (super().local_state(), self._switches))

    def prepare(self, scene: Scene) -> Prepared:
        """What is stored, and what was made; else what is to be made, or why nothing can be."""
        table, run, own = scene.table, scene.run, scene.own
        assert table is not None
        assert run is not None
        _, found = self.comparison(replace(scene, own=own.page))
        units, place = found.units, found.unit
        about = units.name, int(units.index[place])
        known = stored(units, place)
        lacks = missing([needs.stage("teacher").saying(NO_TEACHER), needs.ENGINE], scene)
        request, stale = None, False
        if lacks is None:
            there: tuple[names.Making, ...] = ("latent", "pixel") if "vae" in run.stages else ("pixel",)
            made: tuple[names.Making, ...] = (*(name for name in there if name not in known), "held")
            request = Maximize(run.address, *about, own.switches, made)
            now = _made(request, own.status.result(request))
            known |= now or _before(request, own.status)
            stale = "held" in known and not now
        rows = strongest(units, place) if table.pictured else np.zeros(0, np.intp)
        images = table.images(units.rows[rows]) if len(rows) else np.zeros((0, *table.image_shape), np.uint8)
        refused = "" if lacks is None else lacks.text
        of_wish = _lacking(request, own.status, refused)
        largest = float(units.largest[:, place].max(initial=0))
        tiles = [images_tile(units, place, rows, pictured=table.pictured)]
        for name in MAKINGS:
            lacking = (
                of_wish if name != "latent" or "vae" in run.stages else Lacking("The run has no autoencoder.")
            )
            tiles.append(tile(name, known.get(name), lacking, largest, stale=stale and name == "held"))
        card: Card = {
            "about": list(about),
            "sentence": sentence(units, place, known),
            "shape": list(table.image_shape),
            "tiles": tiles,
            "sliders": sliders(own.switches),
            "refused": refused,
            "warning": WARNING,
        }
        shown = [known[name] for name in MAKINGS if name in known]
        return Prepared(card, sheet(images, shown), request)

    def publish(self, prepared: Prepared) -> None:
        """Shows the card, and asks for what is missing of it, once."""
        self._widget.param.update(card=prepared.card, pictures=prepared.pictures)
        self._lazy.follow(prepared.request)

    def _report(self) -> None:
        tell_work(self, self._widget, "Maximizing", self._lazy.task)

    def _switch(self, value: Any) -> None:
        switches = moved(self._switches, value)
        if switches != self._switches:
            self._switches = switches
            self.redraw()

    def _again(self, about: Any) -> None:
        card = self._widget.card
        if isinstance(about, list) and card and self._lazy.again(tuple(about), tuple(card["about"])):
            self.redraw()


def _made(request: Maximize, found: MaximizedImages | None) -> dict[names.Making, Known]:
    """What has come of a request."""
    if found is None:
        return {}
    return {
        name: Known(picture, float(response), float(response) / found.measure)
        for name, picture, response in zip(request.made, found.picture, found.response, strict=True)
    }


def _before(request: Maximize, status: ResultStatus[Maximize, MaximizedImages]) -> dict[names.Making, Known]:
    """What was made of the same unit with other switches, while this request is under way."""
    answer = status.answer
    if (
        answer is None
        or status.given_up(request)
        or (answer.request.run, answer.request.about) != (request.run, request.about)
    ):
        return {}
    return _made(answer.request, answer.result)


def _lacking(
    request: Maximize | None, status: ResultStatus[Maximize, MaximizedImages], refused: str
) -> Lacking:
    if request is None:
        return Lacking(f"Not stored. {refused}")
    if status.given_up(request):
        return Lacking("Not made.", "Make it", status.error(request))
    return Lacking(BEING_MADE)
