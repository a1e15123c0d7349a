"""Samples picked one by one, found by a view that no other gesture names, or listed in a link."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from dashboards.data.population import Mask, Population
from dashboards.session.gestures.contract import Gesture, whole
from deepvid import wording

LONGEST = 120  # letters


@dataclass(frozen=True)
class Samples(Gesture):
    """Sample indices; those without a row select nothing. `words` follow their number in a sentence."""

    kind: ClassVar[str] = "samples"

    samples: tuple[int, ...]
    words: str = "selected"

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", self.words[:LONGEST])  # also of what a link says

    @classmethod
    def parse(cls, value: Any) -> "Samples":
        if isinstance(value, Mapping):
            return cls(tuple(whole(item) for item in value["of"]), str(value["words"]))
        return cls(tuple(whole(item) for item in value))

    def to_json(self) -> list[int] | dict[str, Any]:
        known = list(self.samples)
        return known if self.words == Samples.words else {"words": self.words, "of": known}

    def mask(self, table: Population) -> Mask:
        mask = np.zeros(table.rows, np.bool_)
        known = [sample for sample in self.samples if sample < len(table.row_of_sample)]
        rows = table.row_of_sample[known]
        mask[rows[rows >= 0]] = True
        return mask

    def sentence(self, table: Population, count: int) -> str:
        return f"{wording.quantity(count, 'image')} {self.words}"
