"""What happened to which image in a training, the largest first; a click goes there."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np

from dashboards.data.time_travel import BORDER, FULL, Travel
from dashboards.data.time_travel import Events as Happened
from dashboards.kit.card import Card, empty
from dashboards.kit.elements import Box, Button, Child, Choice, Element, header, quiet, swatch, text
from dashboards.session.gestures import Samples
from dashboards.session.modifiers import held, mode_of
from dashboards.session.scene import Scene
from dashboards.session.selection import Step
from dashboards.session.session import Session
from dashboards.theme import class_color
from dashboards.views.time_travel.state import Asked, TravelView, moment
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid.wording import probability, quantity

MOST = 100  # rows
ARROW = " → "
KINDS: dict[str, tuple[str, str]] = {
    "flip": ("class", "It is given another class"),
    "probability": ("probability", "The probability of its label changes by more than .5"),
    "distance": (
        "place",
        "Its way to its last place changes by more than the mean and two standard deviations",
    ),
    BORDER: ("border", "It crosses a border of the map: the ground below it is another class's"),
}
"""What a person reads of a kind, and its hint."""


EPOCH, ALL = "epoch", "all"
WHEN = (
    (EPOCH, "this epoch", "What is seen after the epoch that is shown"),
    (ALL, "all epochs", "What is seen after any epoch"),
)
UNKNOWN = "Events are known once the last epoch is mapped."
NONE = (
    "Nothing happened here: no image changed class, jumped in probability, crossed a border of the map or "
    "went out of its way."
)


class Own(NamedTuple):
    """The moment, and which events are asked for."""

    asked: Asked
    when: str
    kind: str | None  # None: all


class EventsView(Card, TravelView):
    """Of what is selected, else of all images, training images too."""

    title = "Training events"
    subject = "The training events"
    follows: ClassVar = ("run", "version", "facts", "mask", "focus")
    look = "events-card"
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
        self._when = EPOCH
        self._kind: str | None = None
        super().__init__(session)

    def local_state(self) -> Own:
        """What the page's state says, and which events are asked for."""
        return Own(super().local_state(), self._when, self._kind)

    def actions(self) -> Actions:
        """`when` and `kind` choose events, `study` goes to one."""
        return {"when": self._choose_when, "kind": self._choose_kind, "study": self._study}

    def prepare(self, scene: Scene) -> Element:
        """Lists what has happened until the epoch."""
        table = scene.table
        assert table is not None
        assert table.epochs is not None
        (travel, epoch), when = moment(scene, scene.own.asked), scene.own.when
        if travel.events is None:
            return Box((header(self.title), empty(text(UNKNOWN, tag="p"))), look="filled")
        selected = table.epochs.points(travel, scene.mask)
        found = listed(travel, epoch if when == EPOCH else None, scene.own.kind, selected, table.class_names)
        where = f"in epoch {epoch + 1}" if when == EPOCH else "in all epochs"
        of = "" if selected is None else " of the selection"
        return Box(
            (
                header(
                    f"{quantity(found.total, 'moment')}{of} {where}",
                    Choice("when", WHEN, when, segments=True, label="Epochs"),
                ),
                *elements(found, scene.own.kind, scene.focus, every=when == ALL),
            ),
            look="filled",
        )

    def _choose_when(self, when: str) -> None:
        self._when = when
        self.redraw()

    def _choose_kind(self, kind: str | None) -> None:
        self._kind = kind
        self.redraw()

    def _study(self, asked: Any) -> None:
        table, sample, mode = self.session.population, asked["sample"], mode_of(held(asked))
        if table is None:
            return  # another run is being opened
        with self.session.hold():
            self.go(asked["epoch"])
            if table.row_of(sample) is None:
                return  # a training image
            if mode is None:
                self.session.focus(sample)
            else:
                self.session.select(Step(mode, Samples((sample,))))


class Row(NamedTuple):
    """One event, or all those of an image in one epoch."""

    sample: int
    epoch: int
    training: bool
    label: str
    color: str  # of the label
    steps: tuple[tuple[str, str], ...]  # what happened, and the color of the class that it names, if any
    likely: str  # probability of the label before and after

    @property
    def text(self) -> str:
        """What happened."""
        return ARROW.join(words for words, _ in self.steps)


class Events(NamedTuple):
    """The first moments, how many there are, and how many events of each kind."""

    rows: list[Row]
    total: int
    counts: dict[str, int]


def elements(found: Events, kind: str | None, focus: int | None, *, every: bool) -> tuple[Element, Element]:
    """Kinds of events, and a button for each; `every` says also the epoch."""
    kinds = (
        Button(
            (f"{KINDS[name][0]} {count:,}",),
            "kind",
            None if name == kind else name,
            pressed=name == kind,
            look="chip",
            hint=KINDS[name][1],
        )
        for name, count in found.counts.items()
        if name in KINDS
    )
    chips = Box(tuple(kinds), look="kinds", role="group", label="Kind of event")
    if not found.rows:
        return chips, empty(text(NONE, tag="p"))
    first, rest = found.rows[0], found.total - len(found.rows)
    rows = (_button(row, pressed=row.sample == focus, every=every) for row in found.rows)
    more = text(f"and {rest:,} smaller ones", tag="p", look="quiet more") if rest else None
    about = f"{kind} {first.epoch} {first.sample} {found.total}"
    return chips, Box((*rows, more), look="list all" if every else "list", about=about)


def _button(row: Row, *, pressed: bool, every: bool) -> Button:
    part, dot = ("training", "dot small") if row.training else ("test", "dot")
    leads = "goes to the epoch" if row.training else "studies it there; with Shift it is selected"
    return Button(
        (
            quiet(f"epoch {row.epoch}") if every else None,
            text(text(tag="i", look=dot, style=f"background:{row.color}"), f"#{row.sample}", look="name"),
            quiet(row.label),
            text(*_steps(row), look="text"),
            quiet(row.likely, look="likely"),
        ),
        "study",
        {"sample": row.sample, "epoch": row.epoch},
        keys=True,
        pressed=pressed,
        look="event item",
        hint=f"Epoch {row.epoch}, #{row.sample}, a {part} image of {row.label}: {row.text}, probability of "
        f"{row.label} {row.likely}. A click {leads}",
    )


def _steps(row: Row) -> Iterator[Child]:
    for at, (words, color) in enumerate(row.steps):
        yield quiet(ARROW) if at else None
        yield swatch(color) if color else None
        yield words


def listed(
    travel: Travel,
    epoch: int | None,
    kind: str | None,
    selected: np.ndarray | None,
    class_names: Sequence[str],
) -> Events:
    """Of an epoch (from 0; None: of all) and of the points selected (None: of all), those of a kind."""
    events = travel.happened
    assert events is not None
    point = travel.points_of(events.sample)
    inside = (point >= 0) & (events.epoch <= travel.epochs)
    if epoch is not None:
        inside &= events.epoch == epoch + 1
    if selected is not None:
        inside &= selected[point]
    counts = {name: int((inside & (events.kind == number)).sum()) for number, name in enumerate(events.kinds)}
    if kind in events.kinds:
        inside &= events.kind == events.kinds.index(kind)
    found = np.flatnonzero(inside)
    order = found[np.lexsort((events.kind[found], events.sample[found], -_size(events)[found]))]
    moments = events.epoch[order].astype(np.int64) * len(travel.samples) + point[order]
    order = order[np.sort(np.unique(moments, return_index=True)[1])]  # the first event of each
    rows = [_row(travel, events, int(place), int(point[place]), class_names) for place in order[:MOST]]
    return Events(rows, len(order), counts)


def _size(events: Happened) -> np.ndarray:
    """How large a change is among those of its kind, 0 to 1."""
    size = np.abs(events.change.astype(np.float64))
    for number in range(len(events.kinds)):
        own = events.kind == number
        size[own] /= max(size[own].max(initial=0.0), np.finfo(float).eps)
    return np.nan_to_num(size)


def _row(travel: Travel, events: Happened, place: int, point: int, class_names: Sequence[str]) -> Row:
    epoch, label = int(events.epoch[place]), int(travel.label[point])
    times = max(0, epoch - 2), epoch - 1
    return Row(
        sample=int(events.sample[place]),
        epoch=epoch,
        training=point < travel.training,
        label=class_names[label],
        color=class_color(label),
        steps=tuple(_happened(travel, events, place, point, class_names)),
        likely=ARROW.join(probability(travel.probability[time, point] / FULL) for time in times),
    )


def _happened(
    travel: Travel, events: Happened, place: int, point: int, class_names: Sequence[str]
) -> Iterator[tuple[str, str]]:
    epoch = int(events.epoch[place])
    before, after = (int(travel.predicted[time, point]) for time in (max(0, epoch - 2), epoch - 1))
    match kind := events.kinds[events.kind[place]]:
        case "flip":
            yield from ((class_names[each], class_color(each)) for each in (before, after))
        case "probability":
            yield class_names[after], class_color(after)
        case "distance":
            yield f"leaps {abs(float(events.change[place])):.2g} on the map", ""
        case "border":
            ground = int(travel.ground[epoch - 1, point])
            yield f"crosses to {class_names[ground]}", class_color(ground)
        case _:
            yield kind, ""
