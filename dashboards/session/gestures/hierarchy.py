"""Branches and rings of a class hierarchy: images whose decisions pass a node, or go wrong at one."""

from dataclasses import dataclass
from typing import Any, ClassVar

from dashboards.data.hierarchy import HEAD, STAGES, Decisions, branch_words
from dashboards.data.population import Mask, Population
from dashboards.session.gestures.contract import Gesture, whole
from deepvid import wording
from deepvid.errors import DataError


def place_from_json(value: Any) -> tuple[int, str]:
    """The place, and the name of its hierarchy. Raises ValueError or TypeError for what is none."""
    if not isinstance(value, list):
        return whole(value), HEAD
    name, place = value
    if name not in STAGES:
        raise ValueError(f"{name!r} is no hierarchy")
    return whole(place), name


def place_to_json(place: int, tree: str) -> int | list[Any]:
    """The inverse; the head's own tree need not be named."""
    return place if tree == HEAD else [tree, place]


def decisions_of(table: Population, tree: str, node: int = 0) -> Decisions:
    """The hierarchy of this name. Raises DataError where the run has none, or the hierarchy not this node."""
    decisions = table.hierarchy(tree)
    if decisions is None or node >= decisions.tree.nodes:
        raise DataError(
            "A branch belongs to the class hierarchy of the run",
            "no hierarchy" if decisions is None else f"no node {node} among {decisions.tree.nodes}",
            "Clear the selection, or continue the run: deepvid run EXPERIMENT.toml --store STORE",
        )
    return decisions


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
        return f"{wording.quantity(count, 'image')} {way} {words}"


@dataclass(frozen=True)
class Ring(Gesture):
    """Of images whose first step off their class's way is the one to this `depth`; too deep, of none."""

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
        images = wording.quantity(count, "image")
        if not table.labeled:
            return f"{images} that leave the teacher's class at decision {self.depth}"
        return f"{images} gone wrong at decision {self.depth}"
