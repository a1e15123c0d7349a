"""The confusion matrix of the epoch shown, and how it differs from the epoch before; a click selects."""

from dataclasses import replace
from functools import partial
from typing import ClassVar, NamedTuple

import numpy as np

from dashboards.data.class_groups import Groups, grouped, summed
from dashboards.data.time_travel import Travel
from dashboards.kit.charts import Counts
from dashboards.kit.elements import Box, Choice, header
from dashboards.kit.matrix import COUNTS, Confusions, MatrixCard, PreparedMatrix, matrix
from dashboards.session.gestures import EpochCells
from dashboards.session.scene import Scene
from dashboards.session.selection import OutlinedCells, Steps
from dashboards.views.time_travel.state import Asked, TravelView, moment
from dashboards.widgets.help import Help
from deepvid.wording import minus

CHANGE = "change"
UNITS = (
    (COUNTS, "count", "How many test images a cell holds"),
    (CHANGE, "change", "How many more or fewer than in the epoch before"),
)


class Own(NamedTuple):
    """The moment, and the unit of the cells."""

    asked: Asked
    unit: str


class EpochConfusionView(MatrixCard, TravelView):
    """Counts test images; with a selection those of it, beside all."""

    title = "Confusion of the epoch"
    subject = "The confusion matrix of the epoch"
    follows: ClassVar = ("run", "version", "facts", "steps", "mask")
    unit = COUNTS
    help: ClassVar = Help(
        what="How often test images of a class, one row each, are taken for another, one column each, after "
        "the epoch that is shown.",
        use="Change shows what the epoch has changed: blue is for the better, orange for the worse. A click "
        "on a cell selects its images on every page, a second click lets them go. With a selection the cells "
        "count it alone.",
        beware="Epochs late in a training change few images, to and fro: look at several before you believe "
        "in one. Of many classes the most confused are shown.",
        source="Counts of the teacher's stored answers of every epoch.",
    )

    def local_state(self) -> Own:
        """What the page's state says, and the unit."""
        return Own(self.asked, super().local_state())

    def prepare(self, scene: Scene) -> PreparedMatrix:
        """Counts what is taken for what."""
        table = scene.table
        assert table is not None
        (travel, epoch), names = moment(scene, scene.own.asked), table.class_names
        selected = None if table.epochs is None else table.epochs.points(travel, scene.mask)
        found = epoch_change(travel, epoch, table.class_count, selected)
        units = UNITS[:1] if found.changes is None else UNITS
        unit = scene.own.unit if found.changes is not None else COUNTS
        choice = Choice("unit", units, unit, segments=True, label="What cells say")
        gesture = partial(EpochCells, travel.form, epoch + 1)
        framed = _framed(scene.steps, travel.form, epoch + 1, found.counted.groups)
        cells = epoch_matrix(found, names, unit, framed)
        return PreparedMatrix(
            Box((header(sentence(found, names), choice), cells), look="filled"),
            found.counted.groups,
            travel.confusion(epoch, table.class_count),
            gesture,
        )


class EpochChange(NamedTuple):
    """Counts of the test images, and the change int64 (true group, predicted group) of those selected."""

    counted: Confusions
    changes: np.ndarray | None  # None: there is no epoch before


def epoch_change(travel: Travel, epoch: int, classes: int, selected: np.ndarray | None = None) -> EpochChange:
    """Of the `selected` bool (point,), all without, beside all; of many classes the most confused, which are
    the same in every epoch.
    """
    total, count = (travel.confusion(epoch, classes, points) for points in (None, selected))
    groups = grouped(travel.confusion_of_all(classes), np.arange(classes))
    before = travel.confusion(epoch - 1, classes, selected) if epoch else None
    counted = Confusions(groups, summed(count, groups), summed(total, groups), selected is not None)
    return EpochChange(counted, None if before is None else summed(count - before, groups))


def epoch_matrix(found: EpochChange, names: tuple[str, ...], unit: str, framed: OutlinedCells) -> Counts:
    """Counts of the epoch, or how much they have changed for the better or the worse."""
    counts = matrix(found.counted, names, COUNTS, framed)
    if found.changes is None:
        return counts
    changes, sizes = found.changes.ravel().tolist(), np.abs(found.changes)
    hints = (f"{hint}, {_since(change)}" for hint, change in zip(counts.hints, changes, strict=False))
    shown = replace(counts, hints=tuple(hints))
    if unit == COUNTS:
        return shown
    better = np.where(np.eye(len(sizes), dtype=bool), found.changes, -found.changes)
    level = (np.sign(better) * np.ceil(100 * sizes / max(1, sizes.max()))).astype(np.int8)
    return replace(shown, levels=level.tobytes(), texts=tuple(map(_signed, changes)), bulk=None)


def _since(change: int) -> str:
    return f"{_signed(change)} since the epoch before" if change else "as in the epoch before"


def _signed(change: int) -> str:
    return minus(f"{change:+,}") if change else ""


def sentence(found: EpochChange, class_names: tuple[str, ...]) -> str:
    """The change that is the largest: `1,392 wrong; 26 fewer Shirt taken for T-shirt`."""
    groups, counts, _, partial_ = found.counted
    wrong = f"{counts.sum() - np.trace(counts):,}{' of the selection' if partial_ else ''} wrong"
    if found.changes is None:
        return wrong
    errors = found.changes * ~np.eye(len(found.changes), dtype=bool)
    place = np.unravel_index(np.abs(errors).argmax(), errors.shape)
    most, (true, predicted) = int(errors[place]), (int(side) for side in place)
    if not most:
        return f"{wrong}, as in the epoch before"
    whose, other = groups.whose(class_names, true), groups.taken_as(class_names, predicted)
    return f"{wrong}; {abs(most):,} {'more' if most > 0 else 'fewer'} {whose} taken for {other}"


def _framed(steps: Steps, form: str, epoch: int, groups: Groups) -> OutlinedCells:
    """The cells of this epoch that gestures have chosen, by their groups."""
    of = groups.of_class.tolist()
    return {
        (of[true], of[predicted]): False
        for _, gesture in steps
        if isinstance(gesture, EpochCells) and (gesture.form, gesture.epoch) == (form, epoch)
        for true, predicted in gesture.cells
        if max(true, predicted) < len(of)
    }
