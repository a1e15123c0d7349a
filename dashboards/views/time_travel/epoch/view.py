"""One epoch in numbers: how right the classifier is, and what it says of the image under study."""

from typing import ClassVar, NamedTuple

import numpy as np
import panel as pn

from dashboards.session.engine_task import LazyResult, ResultStatus
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.views.time_travel.epoch.decoding import Line, lacking, neighbors_kept, request, told
from dashboards.views.time_travel.epoch.epoch_card import Card, EpochCard
from dashboards.views.time_travel.epoch.table import curves, history
from dashboards.views.time_travel.state import Asked, TravelView, moment
from dashboards.widgets.help import Help
from dashboards.widgets.plot_header import Bar, PlotHeader
from deepvid.engine.requests import Decoded, DecodeSample

NOBODY = "Click a test image on the map to see what each epoch says of it."


class Own(NamedTuple):
    """The moment, and what was asked last."""

    asked: Asked
    status: ResultStatus[DecodeSample, Decoded]


class Prepared(NamedTuple):
    """What it will show, and what is to be decoded for it."""

    bar: Bar
    card: Card
    picture: bytes
    request: DecodeSample | None = None


class EpochView(TravelView):
    """Follows the epoch and the image under study."""

    title = "Accuracy"
    subject = "The epoch"
    follows: ClassVar = ("run", "version", "facts", "focus")
    help: ClassVar = Help(
        what="The share of images that the classifier has right after each epoch, its change from the epoch "
        "before, and the image under study: a column an epoch, in the color of the class that it is given, "
        "as high as the probability of its label. Above stand the epochs in which it is given another class, "
        "and those in which it crosses a border of the map; below, what the classifier says of it after the "
        "way to the map and back: a map that changes that shows it where it does not belong.",
        use="A click on a column, or on a number, goes to its epoch.",
        beware="Training images are those that were drawn for the map. A change that is smaller than the "
        "interval may be chance.",
        source="95 % intervals: Wilson 1927.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._top = PlotHeader({}, help=self.help, height=36, sizing_mode="stretch_width", margin=0)
        self._card = EpochCard({"go": self._go}, sizing_mode="stretch_both", min_height=60, margin=0)
        self._lazy = LazyResult[DecodeSample, Decoded](session, self._report, of="epoch")
        self.link(pn.Column(self._top, self._card, sizing_mode="stretch_both", margin=0))

    def local_state(self) -> Own:
        """What the page's state says, and what was asked last."""
        return Own(super().local_state(), self._lazy.status)

    def prepare(self, scene: Scene) -> Prepared:
        table, run = scene.table, scene.run
        assert table is not None
        assert run is not None
        travel, epoch = moment(scene, scene.own.asked)
        point = travel.point_of(scene.focus)
        card: Card = {
            "epoch": epoch,
            "planned": max(travel.planned, travel.epochs),
            "curves": curves(travel, epoch),
            "image": None,
            "waiting": NOBODY,
        }
        title: Bar = {"title": f"After epoch {epoch + 1}"}
        if point is None:
            return Prepared(title, card, b"")
        image = table.images_of(np.array([travel.samples[point]]))[0]
        past, asked = history(travel, table, point), None
        line: Line | None = lacking(run, travel, scene.refusal)
        if line is None:
            asked = request(run, travel, epoch, point)
            line = told(scene.own.status, asked, int(travel.label[point]), table.class_names)
        card["image"] = {
            "title": past.title,
            "story": past.story,
            "columns": past.columns,
            "moments": past.moments,
            "lines": [line, neighbors_kept(travel, epoch, point)],
            "shape": list(image.shape),
        }
        return Prepared(title, card, image.tobytes(), asked)

    def publish(self, prepared: Prepared) -> None:
        self._top.bar = prepared.bar
        self._card.param.update(card=prepared.card, picture=prepared.picture)
        self._lazy.follow(prepared.request)

    def _report(self) -> None:
        """What was asked has come, or never will."""
        if not self._lazy.task.busy:
            self.redraw()

    def _go(self, epoch: object) -> None:
        if type(epoch) is int and epoch >= 1:
            self.go(epoch)
