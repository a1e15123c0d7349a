"""One epoch in numbers: how right the classifier is, and what it says of the image under study."""

from typing import ClassVar, NamedTuple

import numpy as np

from dashboards.kit.card import Card, PreparedCard
from dashboards.kit.elements import Box, Element, HelpButton, header, quiet
from dashboards.session.engine_task import LazyResult, ResultStatus
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.views.time_travel.epoch.decoding import lacking, neighbors_kept, request, told
from dashboards.views.time_travel.epoch.table import course, curves, history, life
from dashboards.views.time_travel.state import Asked, TravelView, moment
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid.engine.requests import Decoded, DecodeSample

NOBODY = "Click a test image on the map to see what each epoch says of it."


class Own(NamedTuple):
    """The moment, and what was asked last."""

    asked: Asked
    status: ResultStatus[DecodeSample, Decoded]


class EpochView(Card, TravelView):
    """Follows the epoch and the image under study."""

    title = "Accuracy"
    subject = "The epoch"
    follows: ClassVar = ("run", "version", "facts", "focus")
    look = "epoch-card"
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
        self._lazy = LazyResult[DecodeSample, Decoded](session, self._report, of="epoch")
        super().__init__(session)

    def local_state(self) -> Own:
        """What the page's state says, and what was asked last."""
        return Own(super().local_state(), self._lazy.status)

    def actions(self) -> Actions:
        """`go` to an epoch, from 1."""
        return {"go": self.go}

    def prepare(self, scene: Scene) -> PreparedCard[DecodeSample]:
        """Reads what is known, and what is to be decoded for it."""
        table, run = scene.table, scene.run
        assert table is not None
        assert run is not None
        travel, epoch = moment(scene, scene.own.asked)
        planned, point, asked = max(travel.planned, travel.epochs), travel.point_of(scene.focus), None
        if point is None:
            studied: Element = quiet(NOBODY, tag="p", look="none")
        else:
            line = lacking(run, travel, scene.refusal)
            if line is None:
                asked = request(run, travel, epoch, point)
                line = told(scene.own.status, asked, int(travel.label[point]), table.class_names)
            image = table.images_of(np.array([travel.samples[point]]))[0]
            lines = line, neighbors_kept(travel, epoch, point)
            studied = life(history(travel, table, point), image, lines, epoch, planned)
        top = header(f"After epoch {epoch + 1}", HelpButton("this plot", **self.help))
        content = Box((*course(curves(travel, epoch), epoch, planned), studied), look="content")
        return PreparedCard(Box((top, content), look="filled"), asked)

    def publish(self, prepared: PreparedCard[DecodeSample]) -> None:
        """Draws what has changed, and asks for what is missing."""
        super().publish(prepared.tree)
        self._lazy.follow(prepared.request)

    def _report(self) -> None:
        """What was asked has come, or never will."""
        if not self._lazy.task.busy:
            self.redraw()
