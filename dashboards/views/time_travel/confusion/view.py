"""The confusion matrix of the epoch shown; a click on a cell selects its images."""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import panel as pn

from dashboards.data.class_groups import cells_between
from dashboards.session.gestures import EpochCells
from dashboards.session.modifiers import pressed
from dashboards.session.scene import Scene
from dashboards.session.selection import Steps
from dashboards.session.session import Session
from dashboards.views.time_travel.confusion.matrix_card import Card, MatrixCard
from dashboards.views.time_travel.confusion.table import Changed, changed, described, sentence
from dashboards.views.time_travel.state import Asked, Moment, TravelView, moment
from dashboards.widgets.help import Help
from dashboards.widgets.plot_header import Bar, PlotHeader

UNITS = [
    ["count", "count", "How many test images a cell holds"],
    ["change", "change", "How many more or fewer than in the epoch before"],
]


class Own(NamedTuple):
    """The moment, and the unit of the cells."""

    asked: Asked
    unit: str


class Prepared(NamedTuple):
    """What it will show."""

    shown: Moment
    found: Changed
    bar: Bar
    card: Card


class EpochConfusionView(TravelView):
    """Counts test images, whatever is selected."""

    title = "Confusion of the epoch"
    subject = "The confusion matrix of the epoch"
    follows: ClassVar = ("run", "version", "facts", "steps")
    help: ClassVar = Help(
        what="How often test images of a class, one row each, are taken for another, one column each, after "
        "the epoch that is shown.",
        use="Change shows what the epoch has changed: blue is for the better, orange for the worse. A click "
        "on a cell selects its images on every page, a second click lets them go.",
        beware="Epochs late in a training change few images, to and fro: look at several before you believe "
        "in one. Of many classes the most confused are shown.",
        source="Counts of the teacher's stored answers of every epoch.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._unit = "count"
        self._shown: Prepared | None = None
        self._top = PlotHeader({"choose": self._choose}, height=36, sizing_mode="stretch_width", margin=0)
        self._matrix = MatrixCard(
            {"select": self._select}, sizing_mode="stretch_both", min_height=80, margin=0
        )
        self.link(pn.Column(self._top, self._matrix, sizing_mode="stretch_both", margin=0))

    def local_state(self) -> Own:
        """What the page's state says, and the unit."""
        return Own(super().local_state(), self._unit)

    def prepare(self, scene: Scene) -> Prepared:
        table = scene.table
        assert table is not None
        shown, unit = moment(scene, scene.own.asked), scene.own.unit
        found = changed(*shown, table.class_count)
        options = [option for option in UNITS if option[0] == "count" or found.changes is not None]
        unit = unit if found.changes is not None else "count"
        card: Card = {
            "groups": described(found.groups, table.class_names),
            "count": found.counts.tolist(),
            "change": None if found.changes is None else found.changes.tolist(),
            "unit": unit,
            "chosen": _chosen(scene.steps, shown, found),
        }
        bar: Bar = {
            "title": sentence(found, table.class_names),
            "choices": [{"name": "unit", "label": "What cells say", "value": unit, "options": options}],
        }
        return Prepared(shown, found, bar, card)

    def publish(self, prepared: Prepared) -> None:
        self._shown = prepared
        self._top.bar, self._matrix.card = prepared.bar, prepared.card

    def _choose(self, choice: Any) -> None:
        match choice:
            case ["unit", str(unit)] if any(unit == known for known, *_ in UNITS):
                self._unit = unit
                self.redraw()

    def _select(self, value: Any) -> None:
        shown, table = self._shown, self.session.population
        if shown is None or table is None or not isinstance(value, Mapping):
            return
        groups, (travel, epoch) = shown.found.groups, shown.shown
        ends = value.get("true"), value.get("predicted")
        if not all(type(end) is int and 0 <= end < groups.number for end in ends):
            return
        present = travel.confusion(epoch, table.class_count)
        cells = tuple(cells_between(groups, present, *ends))
        held = {"shift": bool(value.get("shift")), "ctrl": bool(value.get("ctrl")), "alt": False}
        pressed(self.session, held, EpochCells(travel.form, epoch + 1, cells))  # type: ignore[arg-type]


def _chosen(steps: Steps, shown: Moment, found: Changed) -> list[list[int]]:
    """The cells of this epoch that gestures have chosen, by their groups."""
    of = found.groups.of_class
    chosen = {
        (int(of[true]), int(of[predicted]))
        for _, gesture in steps
        if isinstance(gesture, EpochCells)
        and (gesture.form, gesture.epoch) == (shown.travel.form, shown.epoch + 1)
        for true, predicted in gesture.cells
        if max(true, predicted) < len(of)
    }
    return [list(cell) for cell in sorted(chosen)]
