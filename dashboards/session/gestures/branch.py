"""A branch of a class hierarchy: the images whose decisions come by one of its nodes."""

from dataclasses import dataclass
from typing import Any, ClassVar

from dashboards.data.hierarchy import HEAD, branch_words
from dashboards.data.population import Mask, Population
from dashboards.session.gestures.contract import Gesture
from dashboards.session.gestures.trees import decisions_of, place_from_json, place_to_json
from deepvid import wording


@dataclass(frozen=True)
class Branch(Gesture):
    """`node` is one of the run's hierarchy of this name: a leaf, or an inner node."""

    kind: ClassVar[str] = "branch"

    node: int
    tree: str = HEAD

    @classmethod
    def parse(cls, value: Any) -> "Branch":
        return cls(*place_from_json(value))

    def to_json(self) -> int | list[Any]:
        return place_to_json(self.node, self.tree)

    def mask(self, table: Population) -> Mask:
        return decisions_of(table, self.tree, self.node).through(self.node)

    def sentence(self, table: Population, count: int) -> str:
        tree = decisions_of(table, self.tree, self.node).tree
        words = branch_words(tree, table.class_names, self.node)
        way = "decided as" if self.node < tree.leaves else "on the branch of"
        return f"{wording.counted(count, 'image')} {way} {words}"
