"""How far the map of the epoch shown can be believed."""

from typing import ClassVar, NamedTuple

import panel as pn

from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.views.time_travel.measures.measures_card import Card, MeasuresCard
from dashboards.views.time_travel.measures.table import notes, rows, sentence
from dashboards.views.time_travel.state import TravelView, moment
from dashboards.widgets.help import Help
from dashboards.widgets.plot_header import Bar, PlotHeader


class Prepared(NamedTuple):
    """What it will show."""

    bar: Bar
    card: Card


class MeasuresView(TravelView):
    """Follows the epoch."""

    title = "Measures of the map"
    subject = "The measures of the map"
    help: ClassVar = Help(
        what="How well the map of the epoch shows what the classifier sees: neighbors that it keeps, and "
        "classes that survive being decoded from it. Small numbers are 95 % intervals, the last column is "
        "the course over the epochs.",
        use="Compare each number with its chance, which a map that knows nothing would reach. Rest the "
        "pointer on a name for what it measures.",
        beware="A map of two dimensions cannot keep most neighbors: 3 of 15 are much more than chance, and "
        "still few. What keeps its class need not lie where its neighbors do.",
        source="Yang et al. 2022, with the faults of its published code mended: an image is not its own "
        "neighbor, and test images are measured alone.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._top = PlotHeader({}, height=36, sizing_mode="stretch_width", margin=0)
        self._card = MeasuresCard({}, sizing_mode="stretch_both", min_height=80, margin=0)
        self.link(pn.Column(self._top, self._card, sizing_mode="stretch_both", margin=0))

    def prepare(self, scene: Scene) -> Prepared:
        shown = moment(scene, scene.own)
        return Prepared(
            {"title": sentence(*shown)},
            {"epoch": shown.epoch, "rows": rows(*shown), "notes": notes(*shown)},
        )

    def publish(self, prepared: Prepared) -> None:
        self._top.bar, self._card.card = prepared.bar, prepared.card
