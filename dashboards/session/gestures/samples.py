"""Samples picked one by one, or listed in a link."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from dashboards.data import wording
from dashboards.data.population import Mask, Population
from dashboards.session.gestures.contract import Gesture, whole


@dataclass(frozen=True)
class Samples(Gesture):
    """Sample indices; those without a row select nothing."""

    kind: ClassVar[str] = "samples"

    samples: tuple[int, ...]

    @classmethod
    def parse(cls, value: Any) -> "Samples":
        return cls(tuple(whole(item) for item in value))

    def to_json(self) -> list[int]:
        return list(self.samples)

    def mask(self, table: Population) -> Mask:
        mask = np.zeros(table.rows, np.bool_)
        known = [sample for sample in self.samples if sample < len(table.row_of_sample)]
        rows = table.row_of_sample[known]
        mask[rows[rows >= 0]] = True
        return mask

    def sentence(self, table: Population, count: int) -> str:
        return f"{wording.counted(count, 'image')} selected"
