"""When each class was learned, and when it was forgotten; a click selects the images that changed class."""

from typing import Any, ClassVar, NamedTuple

import numpy as np

from dashboards.data.spreading import evenly
from dashboards.data.training import ClassCourses, class_courses
from dashboards.kit.card import Card, empty
from dashboards.kit.elements import Box, Button, Element, header, quiet, swatch, text
from dashboards.session import needs
from dashboards.session.gestures import ClassChanges, Gesture
from dashboards.session.modifiers import apply_click
from dashboards.session.scene import Scene
from dashboards.session.selection import Steps
from dashboards.theme import class_color
from dashboards.views.training.state import EPOCHS, TRAINED, TrainingView
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid.wording import quantity

MOST_CLASSES = 40
MOST_EPOCHS = 24
UNSTORED = "The answers of its epochs are not stored here: open the whole run."


class ClassesView(Card, TrainingView):
    """A row a class, a column an epoch, or several of many."""

    title = "Classes"
    subject = "The classes"
    needs = (TRAINED, EPOCHS, needs.IMAGES, needs.LABELS)
    follows: ClassVar = ("run", "version", "facts", "steps")
    look = "training-classes"
    help: ClassVar = Help(
        what="Recall of each class after each epoch: the share of its test images that are right. ● is the "
        "epoch from which it stays near its last; ▼ is one in which more images were lost than chance would "
        "lose.",
        use="A click selects the images of the class that were given another class in that epoch, on every "
        "page; Shift adds. Look at what they were taken for on Diagnose or Time travel.",
        beware="Forgetting is usual where the rate is high, and no sign of a fault: it is an event to look "
        "into. Of many classes those that forgot the most stand here.",
        source="Exact McNemar 1947 between neighboring epochs, Holm 1979 over all classes and epochs, 5 %.",
    )

    def actions(self) -> Actions:
        """`select` what changed."""
        return {"select": self._select}

    def prepare(self, scene: Scene) -> Element:
        """Reads what every epoch answered."""
        run, table = scene.run, scene.table
        assert run is not None
        assert table is not None
        found = class_courses(run, table.class_count)
        if found is None:
            return Box((header(self.title), empty(text(UNSTORED, tag="p"))), look="filled")
        names = table.class_names
        return Box((header(sentence(found, names)), classes(found, names, scene.steps)), look="filled")

    def _select(self, asked: Any) -> None:
        apply_click(self.session, asked, ClassChanges(asked["first"], asked["last"], asked["label"]))


class Column(NamedTuple):
    """Neighboring epochs, from 0."""

    first: int
    last: int

    @property
    def name(self) -> str:
        """From 1."""
        return str(self.last + 1) if self.first == self.last else f"{self.first + 1}–{self.last + 1}"


def columns(epochs: int) -> list[Column]:
    """One an epoch, or of many so many at most."""
    ends = evenly(epochs, MOST_EPOCHS).tolist()
    return [Column(before + 1, end) for before, end in zip([-1, *ends], ends, strict=False)]


def sentence(found: ClassCourses, names: tuple[str, ...]) -> str:
    """The deepest fall: `Ankle boot is forgotten in epoch 2: 97 → 38 %`."""
    recall = found.recall
    if not found.forgotten.any():
        return f"No class is forgotten beyond chance in {quantity(len(recall), 'epoch')}"
    fall = np.where(found.forgotten, np.diff(recall, axis=0, prepend=recall[:1]), 0.0)
    epoch, label = np.unravel_index(np.argmin(fall), fall.shape)
    before, after = (f"{100 * recall[at, label]:.0f}" for at in (epoch - 1, epoch))
    return f"{names[label]} is forgotten in epoch {epoch + 1}: {before} → {after} %"


def classes(found: ClassCourses, names: tuple[str, ...], steps: Steps) -> Element:
    """A table; of many classes those of which most was forgotten."""
    shown, lost = _listed(found), len(names) - MOST_CLASSES
    across, pressed = columns(len(found.right)), {gesture for _, gesture in steps}
    head = Box(
        (text("class", tag="th"), *(text(each.name, tag="th", role="columnheader") for each in across)), "tr"
    )
    rows = tuple(_row(found, label, names[label], across, pressed) for label in shown)
    rest = quiet(f"and {quantity(lost, 'other class', 'other classes')}", tag="p") if lost > 0 else None
    return Box(
        (
            Box(
                (Box((head,), "thead"), Box(rows, "tbody", roving="table")),
                "table",
                label="Recall of each class after each epoch",
            ),
            rest,
        ),
        look="list",
    )


def _listed(found: ClassCourses) -> list[int]:
    """All classes in their order, or of many those that lost the most images at a time."""
    count = len(found.images)
    if count <= MOST_CLASSES:
        return list(range(count))
    worst = np.lexsort((-found.changed.sum(axis=0), -found.lost.max(axis=0)))
    return sorted(worst[:MOST_CLASSES].tolist())


def _row(found: ClassCourses, label: int, name: str, across: list[Column], pressed: set[Gesture]) -> Box:
    cells = (text(_cell(found, label, name, column, pressed), tag="td") for column in across)
    return Box((text(swatch(class_color(label)), name, tag="th", role="rowheader", hint=name), *cells), "tr")


def _cell(found: ClassCourses, label: int, name: str, column: Column, pressed: set[Gesture]) -> Button:
    first, last = column
    recall = float(found.recall[last, label])
    span = slice(first, last + 1)
    forgotten = bool(found.forgotten[span, label].any())
    learned = first <= found.learned[label] <= last
    known = not np.isnan(recall)
    mark = "▼" if forgotten else "●" if learned else ""
    return Button(
        (f"{100 * recall:.0f}" if known else "–", text(mark, tag="i") if mark else None),
        "select",
        {"first": first + 1, "last": last + 1, "label": label},
        keys=True,
        pressed=ClassChanges(first + 1, last + 1, label) in pressed,
        look="recall",
        style=f"--recall: {100 * recall:.3g}%" if known else "",
        hint=_hint(found, label, name, column, forgotten=forgotten, learned=learned),
    )


def _hint(
    found: ClassCourses, label: int, name: str, column: Column, *, forgotten: bool, learned: bool
) -> str:
    first, last = column
    right, images = int(found.right[last, label]), int(found.images[label])
    told = [f"{name} after epoch {last + 1}: {right:,} of {images:,} test images are right"]
    if last:
        span = slice(first, last + 1)
        lost, won, changed = (int(each[span, label].sum()) for each in (found.lost, found.won, found.changed))
        when = f"in epoch {column.name}" if first == last else f"in epochs {column.name}"
        told.append(f"{when} {lost:,} were lost, {won:,} won, and {changed:,} changed class")
    if forgotten:
        told.append(f"forgotten beyond chance, p = {float(found.p[first : last + 1, label].min()):.1g}")
    if learned:
        told.append("from here on its recall stays near its last")
    return "; ".join(told)
