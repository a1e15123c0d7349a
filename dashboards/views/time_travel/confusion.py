"""The confusion matrix of the epoch shown, and how it differs from the epoch before; a click selects."""

from typing import Any, ClassVar, NamedTuple

import numpy as np

from dashboards.data.class_groups import Groups, cells_between, grouped, summed
from dashboards.data.time_travel import Travel
from dashboards.kit.card import Card
from dashboards.kit.charts import Counts, Frame
from dashboards.kit.elements import Box, Choice, Element, header
from dashboards.kit.matrix import heads, levels
from dashboards.session.gestures import EpochCells
from dashboards.session.modifiers import apply_click
from dashboards.session.scene import Scene
from dashboards.session.selection import Steps
from dashboards.session.session import Session
from dashboards.views.time_travel.state import Asked, Moment, TravelView, moment
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid.wording import minus

COUNT = "count", "count", "How many test images a cell holds"
CHANGE = "change", "change", "How many more or fewer than in the epoch before"


class Own(NamedTuple):
    """The moment, and the unit of the cells."""

    asked: Asked
    unit: str


class Prepared(NamedTuple):
    """What it will show, and of what."""

    tree: Element
    shown: Moment
    groups: Groups


class EpochConfusionView(Card, TravelView):
    """Counts test images, whatever is selected."""

    title = "Confusion of the epoch"
    subject = "The confusion matrix of the epoch"
    follows: ClassVar = ("run", "version", "facts", "steps")
    look = "matrix-card"
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
        self._unit = "count"
        self._shown: Prepared | None = None
        super().__init__(session)

    def local_state(self) -> Own:
        """What the page's state says, and the unit."""
        return Own(super().local_state(), self._unit)

    def actions(self) -> Actions:
        """`unit` of the cells; `select` the images of {row, column} groups."""
        return {"unit": self._choose, "select": self._select}

    def prepare(self, scene: Scene) -> Prepared:
        """Counts what is taken for what."""
        table = scene.table
        assert table is not None
        shown, names = moment(scene, scene.own.asked), table.class_names
        found = epoch_change(*shown, table.class_count)
        options = (COUNT,) if found.changes is None else (COUNT, CHANGE)
        unit = scene.own.unit if found.changes is not None else "count"
        choice = Choice("unit", options, unit, segments=True, label="What cells say")
        cells = matrix(found, names, unit, _chosen(scene.steps, shown, found.groups))
        return Prepared(
            Box((header(sentence(found, names), choice), cells), look="filled"), shown, found.groups
        )

    def publish(self, prepared: Prepared) -> None:
        """Keeps what it is of."""
        self._shown = prepared
        super().publish(prepared.tree)

    def _choose(self, unit: str) -> None:
        self._unit = unit
        self.redraw()

    def _select(self, asked: Any) -> None:
        assert self._shown is not None
        _, (travel, epoch), groups = self._shown
        present = travel.confusion(epoch, len(groups.of_class))
        cells = tuple(cells_between(groups, present, asked["row"], asked["column"]))
        apply_click(self.session, asked, EpochCells(travel.form, epoch + 1, cells))


class EpochChange(NamedTuple):
    """Counts int64 (true group, predicted group) of the test images, and their change."""

    groups: Groups
    counts: np.ndarray
    changes: np.ndarray | None  # None: there is no epoch before


def epoch_change(travel: Travel, epoch: int, classes: int) -> EpochChange:
    """Of many classes the most confused, which are the same in every epoch."""
    count = travel.confusion(epoch, classes)
    overall = sum(travel.confusion(each, classes) for each in range(travel.epochs))
    groups = grouped(np.asarray(overall), np.arange(classes))
    before = travel.confusion(epoch - 1, classes) if epoch else None
    return EpochChange(
        groups, summed(count, groups), None if before is None else summed(count - before, groups)
    )


def matrix(
    found: EpochChange, class_names: tuple[str, ...], unit: str, chosen: frozenset[tuple[int, int]]
) -> Counts:
    """Counts of the epoch, or how much they have changed for the better or the worse."""
    groups, counts, changes = found
    moved, sides = np.zeros_like(counts) if changes is None else changes, ("true", "predicted")
    better = np.where(np.eye(len(counts), dtype=bool), moved, -moved)
    differs, names = unit == "change", groups.names(class_names)
    most = max(1, np.abs(moved).max())
    share = np.sign(better) * np.ceil(100 * np.abs(better) / most)
    level = share.astype(np.int8) if differs else levels(counts)
    cells = np.ndindex(counts.shape)
    return Counts(
        "select",
        sides,
        heads(groups, class_names, counts, sides),
        level.tobytes(),
        texts=tuple(
            map(_signed, moved.ravel().tolist())
            if differs
            else (f"{each:,}" if each else "" for each in counts.ravel().tolist())
        ),
        hints=tuple(_says(found, names, *cell) for cell in cells),
        frames=tuple(Frame(*cell, out=False) for cell in sorted(chosen)),
        label="Confusion matrix of the epoch",
    )


def _says(found: EpochChange, names: tuple[str, ...], true: int, predicted: int) -> str:
    what = "recognized" if true == predicted else f"taken for {names[predicted]}"
    says = f"{found.counts[true, predicted]:,} {names[true]} {what}"
    if found.changes is None:
        return says
    more = int(found.changes[true, predicted])
    return says + (f", {_signed(more)} since the epoch before" if more else ", as in the epoch before")


def _signed(change: int) -> str:
    return minus(f"{change:+,}") if change else ""


def sentence(found: EpochChange, class_names: tuple[str, ...]) -> str:
    """The change that is the largest: `1,392 wrong; 26 fewer Shirt taken for T-shirt`."""
    wrong = int(found.counts.sum() - np.trace(found.counts))
    if found.changes is None:
        return f"{wrong:,} wrong"
    errors = found.changes * ~np.eye(len(found.changes), dtype=bool)
    place = np.unravel_index(np.abs(errors).argmax(), errors.shape)
    most, (true, predicted) = int(errors[place]), (int(side) for side in place)
    if not most:
        return f"{wrong:,} wrong, as in the epoch before"
    whose = found.groups.whose(class_names, true)
    other = found.groups.taken_as(class_names, predicted)
    return f"{wrong:,} wrong; {abs(most):,} {'more' if most > 0 else 'fewer'} {whose} taken for {other}"


def _chosen(steps: Steps, shown: Moment, groups: Groups) -> frozenset[tuple[int, int]]:
    """The cells of this epoch that gestures have chosen, by their groups."""
    of = groups.of_class.tolist()
    return frozenset(
        (of[true], of[predicted])
        for _, gesture in steps
        if isinstance(gesture, EpochCells)
        and (gesture.form, gesture.epoch) == (shown.travel.form, shown.epoch + 1)
        for true, predicted in gesture.cells
        if max(true, predicted) < len(of)
    )
