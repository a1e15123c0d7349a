"""Cells of the confusion matrix: one, a row, a column, or any others."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from dashboards.data.captions import cell_sentence
from dashboards.data.population import Mask, Population
from dashboards.session.gestures.contract import Gesture, whole
from deepvid import wording


@dataclass(frozen=True)
class Cells(Gesture):
    """(true class, predicted class) of each cell; classes that the run does not have select nothing."""

    kind: ClassVar[str] = "cells"
    tells_errors: ClassVar[bool] = True

    cells: tuple[tuple[int, int], ...]

    @classmethod
    def parse(cls, value: Any) -> "Cells":
        return cls(tuple((whole(true), whole(predicted)) for true, predicted in value))

    def to_json(self) -> list[list[int]]:
        return [list(cell) for cell in self.cells]

    def mask(self, table: Population) -> Mask:
        chosen = np.zeros((table.class_count, table.class_count), np.bool_)
        for true, predicted in self.cells:
            if true < table.class_count and predicted < table.class_count:
                chosen[true, predicted] = True
        return table.in_cells(chosen)

    def sentence(self, table: Population, count: int) -> str:
        true, predicted = ({cell[side] for cell in self.cells} for side in (0, 1))
        images = wording.quantity(count, "image")
        if max(true | predicted, default=0) >= table.class_count:
            return f"{images} in cells of other classes"
        if len(true) == len(predicted) == 1:
            return cell_sentence(table, true.pop(), predicted.pop(), count)
        if not table.labeled:
            return self._against_the_runner_up(table, true, predicted, images)
        if len(true) == 1:
            name = table.class_names[next(iter(true))]
            if true <= predicted:
                return f"{images} whose true class is {name}"
            return f"{count:,} {name} taken for another class"
        if len(predicted) == 1:
            name = table.class_names[next(iter(predicted))]
            return f"{images} predicted as {name}" if predicted <= true else f"{images} mistaken for {name}"
        return f"{images} in {len(self.cells):,} cells"

    def _against_the_runner_up(
        self, table: Population, against: set[int], predicted: set[int], images: str
    ) -> str:
        """A row, a column, or other cells of a run without labels."""
        if len(against) == 1:
            return f"{images} whose runner-up is {table.class_names[against.pop()]}"
        if len(predicted) == 1:
            return f"{images} predicted as {table.class_names[predicted.pop()]}"
        return f"{images} in {len(self.cells):,} cells"
