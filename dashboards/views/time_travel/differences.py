"""Whose answers differ between the epoch shown and what stands beside it, on test images that both have."""

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np

from dashboards.data.agreement import METHOD, part_words, verdict
from dashboards.data.time_travel import Travel
from dashboards.kit.agreement import agreement_table
from dashboards.kit.card import Card
from dashboards.kit.elements import Box, Button, Element, quiet, swatch, text
from dashboards.session.gestures import Samples
from dashboards.session.modifiers import apply_click
from dashboards.session.needs import Need
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.theme import class_color
from dashboards.views.time_travel.state import TRAVELLED, TravelView, beside, moment
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid.compare import Agreement, agreement
from deepvid.statistics import McNemar, mcnemar_test

MOST = 60  # rows
CHOSEN = Need(
    lambda scene: bool(scene.own.beside),
    "Nothing stands beside this epoch yet. Choose another epoch, or another run, under “side by side” above "
    "the map: whose answers differ is listed here.",
)


class Prepared(NamedTuple):
    """What it will show, and what it is made of."""

    tree: Element
    found: "Differences"
    first: str  # what the two are called where nothing else says which they are
    second: str


class DifferencesView(Card, TravelView):
    """Counts test images, whatever is selected."""

    title = "Differences"
    subject = "The differences"
    needs = (TRAVELLED, CHOSEN)
    watched: ClassVar = ("form", "epoch", "beside", "beside_epoch")
    look = "differences-card"
    help: ClassVar = Help(
        what="The test images by who has them right: the epoch shown, and the epoch or run beside it; and "
        "which answers changed into which.",
        use="A click on a count, or on a change, selects its images on every page; a second lets them go.",
        beware="Two trainings that differ by their seed alone differ on some images, too: before you believe "
        "that a setting did it, compare with another seed of the same settings.",
        source="McNemar's test (McNemar 1947); 95 % intervals: Wilson 1927.",
    )

    def __init__(self, session: Session) -> None:
        self._shown: Prepared | None = None
        super().__init__(session)

    def actions(self) -> Actions:
        """`part` {name} and `change` {row} select images."""
        return {"part": self._part, "change": self._change}

    def prepare(self, scene: Scene) -> Prepared:
        """Compares what both have answered."""
        other = beside(scene, scene.own)
        assert other is not None
        assert scene.table is not None
        shown, names = moment(scene, scene.own), scene.table.class_names
        first, second = whole = shown.name, other.moment.name
        if other.explained is not None:
            first, second = f"{first} here", f"{second} there"
            whole = f"{shown.name} of this run", f"{other.moment.name} of {other.run}"
        found = differences(shown, other.moment, names)
        return Prepared(elements(found, first, second), found, *whole)

    def publish(self, prepared: Prepared) -> None:
        """Keeps the samples that stand behind it."""
        self._shown = prepared
        super().publish(prepared.tree)

    def _part(self, asked: Any) -> None:
        assert self._shown is not None
        _, found, first, second = self._shown
        name = asked["name"]
        self._select(asked, getattr(found.agreement, name), part_words(name, first, second))

    def _change(self, asked: Any) -> None:
        assert self._shown is not None
        _, found, first, second = self._shown
        row = found.rows[asked["row"]]
        self._select(asked, row.samples, f"{row.here} after {first}, {row.there} after {second}")

    def _select(self, asked: Any, samples: np.ndarray, words: str) -> None:
        apply_click(self.session, asked, Samples(tuple(samples.tolist()), words))


class Row(NamedTuple):
    """Images that are given one class here and another one there."""

    here: str
    there: str
    colors: tuple[str, str]
    samples: np.ndarray
    better: int  # of which only what stands beside it is right
    worse: int  # of which only what is shown is right


class Differences(NamedTuple):
    """Test images by who is right, and changes of an answer, the most frequent first."""

    agreement: Agreement
    test: McNemar
    rows: list[Row]
    changed: int  # images


def differences(
    shown: tuple[Travel, int], other: tuple[Travel, int], class_names: Sequence[str]
) -> Differences:
    """Of the epoch shown, from 0, and of the one beside it."""
    (here, epoch), (there, beside) = shown, other
    sample = there.samples[there.training :]
    point = here.points_of(sample)
    shared = np.flatnonzero(point >= here.training)
    sample, point, place = sample[shared], point[shared], there.training + shared
    named = here.predicted[epoch, point], there.predicted[beside, place]
    right = [said == here.label[point] for said in named]
    changed = np.flatnonzero(named[0] != named[1])
    kinds, of = np.unique(np.stack(named, axis=1)[changed], axis=0, return_inverse=True)
    rows = []
    for kind, (one, another) in enumerate(kinds.tolist()):
        images = changed[of.ravel() == kind]
        worse, better = (int(each[images].sum()) for each in right)
        colors = class_color(one), class_color(another)
        rows.append(Row(class_names[one], class_names[another], colors, sample[images], better, worse))
    rows.sort(key=lambda row: -len(row.samples))
    return Differences(agreement(sample, *right), mcnemar_test(*right), rows, len(changed))


def elements(found: Differences, first: str, second: str) -> Element:
    """A verdict, a table of who is right, and a button for each change; the two are called that."""
    rest = len(found.rows) - MOST
    more = quiet(f"and {rest:,} rarer changes", tag="p") if rest > 0 else None
    rows = (_button(number, row, first, second) for number, row in enumerate(found.rows[:MOST]))
    changed = f"{found.changed:,} answers differ: after {first} → after {second}"
    return Box(
        (
            text(verdict(found.test, first, second), tag="p", look="verdict", hint=METHOD),
            agreement_table(
                found.agreement,
                first,
                second,
                hint="A click selects these images on every page",
                act="part",
            ),
            text(changed if found.changed else "No answer differs", tag="h3"),
            Box((*rows, more), look="changes"),
        )
    )


def _button(number: int, row: Row, first: str, second: str) -> Button:
    count = len(row.samples)
    one, another = map(swatch, row.colors)
    judged = (
        f"{images:,} {word}" for images, word in ((row.better, "better"), (row.worse, "worse")) if images
    )
    return Button(
        (
            text(one, row.here, quiet(" → "), another, row.there, look="name"),
            text(f"{count:,}", look="count number"),
            quiet(", ".join(judged) or "both wrong", look="judged"),
        ),
        "change",
        {"row": number},
        keys=True,
        look="change item",
        hint=f"{count:,} test images are {row.here} after {first} and {row.there} after {second}; of "
        f"{row.better:,} the latter is right, of {row.worse:,} the former; a click selects them",
    )
