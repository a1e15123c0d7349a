"""A ring of a class hierarchy: the images that go wrong at one decision, counted from the root."""

from dataclasses import dataclass
from typing import Any, ClassVar

from dashboards.data.hierarchy import HEAD
from dashboards.data.population import Mask, Population
from dashboards.session.gestures.contract import Gesture
from dashboards.session.gestures.trees import decisions_of, place_from_json, place_to_json
from deepvid import wording


@dataclass(frozen=True)
class Ring(Gesture):
    """Of images whose first step off their class's way is the one to this `depth` of the hierarchy.

    Deeper than the hierarchy there are none.
    """

    kind: ClassVar[str] = "ring"
    tells_errors: ClassVar[bool] = True

    depth: int
    tree: str = HEAD

    @classmethod
    def parse(cls, value: Any) -> "Ring":
        return cls(*place_from_json(value))

    def to_json(self) -> int | list[Any]:
        return place_to_json(self.depth, self.tree)

    def mask(self, table: Population) -> Mask:
        return decisions_of(table, self.tree).astray_at(self.depth)

    def sentence(self, table: Population, count: int) -> str:
        images = wording.counted(count, "image")
        if not table.labeled:
            return f"{images} that leave the teacher's class at decision {self.depth}"
        return f"{images} gone wrong at decision {self.depth}"
