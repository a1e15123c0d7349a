"""The one selection: a fold of gestures into a mask, with undo and redo."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import param

from dashboards.data.population import Mask, Population
from dashboards.session.gestures import Gesture


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
    """What is brushed in one session. Written by `publish` alone, in the session's one commit a gesture."""

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
