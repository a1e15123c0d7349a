"""The one selection: a fold of gestures into a mask, with undo and redo, and in the words of titles."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import param

from dashboards.data.class_groups import Groups
from dashboards.data.population import TRAINING, Mask, Population
from dashboards.kernels.counts import overlap
from dashboards.session.gestures import Cells, Gesture
from deepvid import wording
from deepvid.errors import DataError


class Mode(StrEnum):
    """How a gesture changes the selection."""

    REPLACE = "replace"
    ADD = "add"
    SUBTRACT = "subtract"
    INTERSECT = "intersect"


class Step(NamedTuple):
    """One gesture and how it was applied."""

    mode: Mode
    gesture: Gesture


Steps = tuple[Step, ...]

_COMBINE: dict[Mode, Callable[[Mask, Mask], Mask]] = {
    Mode.REPLACE: lambda _, new: new,
    Mode.ADD: np.logical_or,
    Mode.SUBTRACT: lambda old, new: old & ~new,
    Mode.INTERSECT: np.logical_and,
}


def fold(steps: Steps, table: Population) -> Mask | None:
    """The mask of `table` that `steps` select, new memory; None where no step is (nothing is selected).

    A first step that does not replace starts from all rows (subtract, intersect) or none (add).
    """
    if not steps:
        return None
    first, *others = steps
    mask = first.gesture.mask(table)
    if first.mode is Mode.SUBTRACT:
        mask = ~mask
    for mode, gesture in others:
        mask = _COMBINE[mode](mask, gesture.mask(table))
    return mask


class Selection(param.Parameterized):
    """The selection of one session. Written by `publish` alone, in the session's one commit a gesture."""

    steps: Steps = param.Parameter((), doc="gestures since the last replacement")  # type: ignore[assignment]
    mask: Any = param.Parameter(None, doc="bool (row,); None: nothing is selected")
    count: int = param.Integer(0, doc="rows selected")  # type: ignore[assignment]
    mode: Mode = param.Selector(default=Mode.REPLACE, objects=list(Mode), doc="how the next gesture applies")  # type: ignore[assignment]

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._past: list[Steps] = []
        self._future: list[Steps] = []

    def after(self, step: Step) -> Steps:
        """The steps that a gesture leads to; changes nothing."""
        return (step,) if step.mode is Mode.REPLACE else (*self.steps, step)

    @property
    def previous(self) -> Steps | None:
        """Where undo leads; None where there is nothing to undo."""
        return self._past[-1] if self._past else None

    @property
    def next(self) -> Steps | None:
        """Where redo leads; None where there is nothing to redo."""
        return self._future[-1] if self._future else None

    def reset(self) -> None:
        """Selects nothing and forgets the history, as when another run is opened."""
        self._past.clear()
        self._future.clear()
        self.param.update(steps=(), mask=None, count=0)

    def publish(self, steps: Steps, mask: Mask | None) -> None:
        """Makes `steps`, which select `mask`, the selection, and keeps the history straight."""
        if steps == self.previous:
            self._future.append(self.steps)
            self._past.pop()
        elif steps == self.next:
            self._past.append(self.steps)
            self._future.pop()
        elif steps != self.steps:
            self._past.append(self.steps)
            self._future.clear()
        self.param.update(steps=steps, mask=mask, count=0 if mask is None else int(np.count_nonzero(mask)))


OutlinedCells = dict[tuple[int, int], bool]
"""The cells (true group, predicted group) that gestures named: whether the last one that did took one out."""


def cell_counts(table: Population, steps: Steps, mask: Mask | None) -> tuple[np.ndarray, np.ndarray | None]:
    """Counts int64 (true, predicted) that cells share their room by, and the selected ones among them.

    Cells that were chosen do not take the others' room: they stay to be chosen, too.
    """
    elsewhere = tuple(step for step in steps if not isinstance(step.gesture, Cells))
    selected = table.confusion(mask)
    if len(elsewhere) == len(steps):
        return selected, None
    return np.maximum(table.confusion(fold(elsewhere, table)), selected), selected


def outlined_cells(groups: Groups, steps: Steps) -> OutlinedCells:
    """Cells of groups that a person has chosen or taken out one by one."""
    of = groups.of_class
    return {
        (int(of[true]), int(of[predicted])): mode is Mode.SUBTRACT
        for mode, gesture in steps
        if isinstance(gesture, Cells)
        for true, predicted in gesture.cells
        if max(true, predicted) < len(of)
    }


class Tally(NamedTuple):
    """Number of images in a mask, and of those misclassified."""

    images: int
    wrong: int | None  # None: without a teacher, or without labels


def tally(table: Population, mask: Mask | None) -> Tally:
    """Counts what `selection_sentence` says; the slow part of it."""
    if mask is None:
        return Tally(table.rows, None if table.wrong is None else int(np.count_nonzero(table.wrong)))
    wrong = None if table.wrong is None else overlap(table.wrong, mask)
    return Tally(int(np.count_nonzero(mask)), wrong)


def selection_sentence(table: Population, steps: Steps, counted: Tally) -> str:
    """`37 Shirt taken for T-shirt`: what the selection is, in one line."""
    only = _only(steps)
    if only is not None and only.tells_errors:
        return only.sentence(table, counted.images)
    images = wording.quantity(counted.images, f"{'training ' * (table.split == TRAINING)}{table.noun}")
    selected = only.sentence(table, counted.images) if only else f"{images} selected" if steps else images
    errors = "" if counted.wrong is None else f", {counted.wrong:,} misclassified"
    lacking = {"pictures": table.pictured or table.textual, "labels": table.labeled}
    notes = "".join(f" · without {name}" for name, there in lacking.items() if not there)
    return f"{selected}{errors}{notes}"


def confusion_sentence(table: Population, steps: Steps, counted: Tally) -> str:
    """`1,139 misclassified`, `Predicted against runner-up` without labels, or the gesture's own words."""
    only = _only(steps)
    if only is not None and only.tells_errors:
        return only.sentence(table, counted.images)
    if not table.labeled:
        return "Predicted against runner-up"
    return f"{counted.wrong or 0:,} misclassified"


def step_sentences(table: Population, steps: Steps) -> list[list[str]]:
    """[mode, what it means alone] of each gesture. As slow as all of their masks."""
    told = []
    for mode, gesture in steps:
        try:
            mask = gesture.mask(table)
            told.append([mode.value, gesture.sentence(table, int(np.count_nonzero(mask)))])
        except DataError as error:
            told.append([mode.value, error.found])
    return told


def _only(steps: Steps) -> Gesture | None:
    """The one gesture that is all of the selection; None where there are more, or it takes away."""
    return steps[0].gesture if len(steps) == 1 and steps[0].mode is Mode.REPLACE else None
