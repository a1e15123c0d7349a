"""What happened to which image in a training; a click goes there."""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import panel as pn

from dashboards.session.gestures import Samples
from dashboards.session.modifiers import mode_of
from dashboards.session.scene import Scene
from dashboards.session.selection import Step
from dashboards.session.session import Session
from dashboards.views.time_travel.events.events_card import Card, EventsCard
from dashboards.views.time_travel.events.table import KINDS, Listed, listed
from dashboards.views.time_travel.state import Asked, Moment, TravelView, moment
from dashboards.widgets.help import Help
from dashboards.widgets.plot_header import Bar, PlotHeader
from deepvid.wording import quantity

WHEN = [
    ["epoch", "this epoch", "What is seen after the epoch that is shown"],
    ["all", "all epochs", "What is seen after any epoch"],
]
UNKNOWN = "Events are known once the last epoch is mapped."
NONE = (
    "Nothing happened here: no image changed class, jumped in probability, crossed a border of the map or "
    "went out of its way."
)


class Own(NamedTuple):
    """The moment, and which events are asked for."""

    asked: Asked
    when: str
    kind: str


class Prepared(NamedTuple):
    """What it will show."""

    bar: Bar
    card: Card


class EventsView(TravelView):
    """Of what is selected, else of all images, training images too."""

    title = "Training events"
    subject = "The training events"
    follows: ClassVar = ("run", "version", "facts", "mask", "focus")
    help: ClassVar = Help(
        what="Moments in which something happened to an image: its class changed, the probability of its "
        "label jumped by more than .5, it crossed a border of the map, or it left its way to its last place "
        "there. The largest come first.",
        use="A click goes to the epoch and puts a test image under study; with Shift it is selected. With a "
        "selection its images are listed alone: those are the epochs in which they changed.",
        beware="Places and borders are those of the map, which may move an image, or a border below it, that "
        "the classifier has not moved. Training images have no row on other pages.",
        source="Event kinds as in TrustTimeVis: a change of class, of .5 in probability, of the mean and two "
        "standard deviations in distance. Borders are those between the classes of the ground.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._when, self._kind = "epoch", ""
        self._top = PlotHeader({"choose": self._choose}, height=36, sizing_mode="stretch_width", margin=0)
        actions = {"kind": self._choose_kind, "study": self._study}
        self._card = EventsCard(actions, sizing_mode="stretch_both", min_height=80, margin=0)
        self.link(pn.Column(self._top, self._card, sizing_mode="stretch_both", margin=0))

    def local_state(self) -> Own:
        """What the page's state says, and which events are asked for."""
        return Own(super().local_state(), self._when, self._kind)

    def prepare(self, scene: Scene) -> Prepared:
        table = scene.table
        assert table is not None
        assert table.epochs is not None
        shown, when = moment(scene, scene.own.asked), scene.own.when
        choices: Bar = {"choices": [{"name": "when", "label": "Epochs", "value": when, "options": WHEN}]}
        if shown.travel.events is None:
            return Prepared(
                {"title": "Training events"}, _card(Listed([], 0, {}), "", scene.focus, UNKNOWN, every=False)
            )
        selected = table.epochs.points(shown.travel, scene.mask)
        epoch = shown.epoch if when == "epoch" else None
        found = listed(shown.travel, epoch, scene.own.kind, selected, table.class_names)
        title = _sentence(shown, found, when, chosen=selected is not None)
        card = _card(found, scene.own.kind, scene.focus, NONE, every=when == "all")
        return Prepared({"title": title, **choices}, card)

    def publish(self, prepared: Prepared) -> None:
        self._top.bar, self._card.card = prepared.bar, prepared.card

    def _choose(self, choice: Any) -> None:
        match choice:
            case ["when", str(when)] if any(when == known for known, *_ in WHEN):
                self._when = when
                self.redraw()

    def _choose_kind(self, kind: Any) -> None:
        if isinstance(kind, str) and (not kind or kind in KINDS):
            self._kind = kind
            self.redraw()

    def _study(self, value: Any) -> None:
        table = self.session.population
        if table is None or not isinstance(value, Mapping):
            return
        sample, epoch = value.get("sample"), value.get("epoch")
        if type(sample) is not int or type(epoch) is not int or epoch < 1:
            return
        mode = mode_of({"shift": bool(value.get("shift")), "ctrl": bool(value.get("ctrl")), "alt": False})
        with self.session.hold():
            self.go(epoch)
            if table.row_of(sample) is None:
                return  # a training image
            if mode is None:
                self.session.focus(sample)
            else:
                self.session.select(Step(mode, Samples((sample,))))


def _card(found: Listed, kind: str, focus: int | None, waiting: str, *, every: bool) -> Card:
    kinds = [
        [name, f"{KINDS[name][0]} {count:,}", KINDS[name][1]]
        for name, count in found.counts.items()
        if name in KINDS
    ]
    return {
        "rows": found.rows,
        "total": found.total,
        "kinds": kinds,
        "kind": kind,
        "all": every,
        "focus": focus,
        "waiting": waiting,
    }


def _sentence(shown: Moment, found: Listed, when: str, *, chosen: bool) -> str:
    where = f"in epoch {shown.epoch + 1}" if when == "epoch" else "in all epochs"
    return f"{quantity(found.total, 'moment')}{' of the selection' if chosen else ''} {where}"
