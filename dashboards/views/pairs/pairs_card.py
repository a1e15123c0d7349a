"""Pairs of classes as a list, each selectable."""

from typing import ClassVar, TypedDict

import param

from dashboards.views.pairs.table import Pair
from dashboards.widgets.component import Component, Nothing, source


class Card(TypedDict):
    """What the list shows."""

    title: str
    rows: list[Pair]
    total: int  # pairs, of which the first are rows
    together: bool
    directed: bool  # whether pairs have directions to choose
    waiting: str  # in the place of the rows, where there are none


class PairsCard(Component):
    """Shows `card`. Actions: `select` {cells, shift, ctrl}, `together` bool."""

    card: Card | Nothing = param.Dict({}, doc="a `Card`")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "pairs_card.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "pairs_card.css")]
