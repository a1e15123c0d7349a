"""What gestures on a class hierarchy share: a place in it, by number, and the hierarchy's name."""

from typing import Any

from dashboards.data.hierarchy import HEAD, STAGES, Decisions
from dashboards.data.population import Population
from dashboards.session.gestures.contract import whole
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
