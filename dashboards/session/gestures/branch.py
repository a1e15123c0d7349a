"""A branch of a class hierarchy: the images whose decisions come by one of its nodes."""

from dataclasses import dataclass
from typing import Any, ClassVar

from dashboards.data import wording
from dashboards.data.hierarchy import HEAD, STAGES, Decisions, branch_words
from dashboards.data.population import Mask, Population
from dashboards.session.gestures.contract import Gesture, whole
from deepvid.errors import DataError


@dataclass(frozen=True)
class Branch(Gesture):
    """`node` is one of the run's hierarchy of this name: a leaf, or an inner node."""

    kind: ClassVar[str] = "branch"

    node: int
    tree: str = HEAD

    @classmethod
    def parse(cls, value: Any) -> "Branch":
        if not isinstance(value, list):
            return cls(whole(value))
        name, node = value
        if name not in STAGES:
            raise ValueError(f"{name!r} is no hierarchy")
        return cls(whole(node), name)

    def to_json(self) -> int | list[Any]:
        return self.node if self.tree == HEAD else [self.tree, self.node]

    def mask(self, table: Population) -> Mask:
        return self._decisions(table).through(self.node)

    def sentence(self, table: Population, count: int) -> str:
        tree = self._decisions(table).tree
        words = branch_words(tree, table.class_names, self.node)
        way = "decided as" if self.node < tree.leaves else "on the branch of"
        return f"{wording.counted(count, 'image')} {way} {words}"

    def _decisions(self, table: Population) -> Decisions:
        decisions = table.hierarchy(self.tree)
        if decisions is None or self.node >= decisions.tree.nodes:
            raise DataError(
                "A branch belongs to the class hierarchy of the run",
                "no hierarchy" if decisions is None else f"no node {self.node} among {decisions.tree.nodes}",
                "Clear the selection, or continue the run: deepvid run EXPERIMENT.toml --store STORE",
            )
        return decisions
