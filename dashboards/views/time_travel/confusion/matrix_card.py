"""The confusion matrix of an epoch: counts, or their change."""

from typing import ClassVar, TypedDict

import param

from dashboards.views.time_travel.confusion.table import Group
from dashboards.widgets.component import Component, Nothing, source


class Card(TypedDict):
    """What is shown; which number stands in the cells is `unit`, count or change."""

    groups: list[Group]
    count: list[list[int]]  # (true, predicted)
    change: list[list[int]] | None
    unit: str
    chosen: list[list[int]]  # [true, predicted] groups that are selected


class MatrixCard(Component):
    """Shows `card`. Its one action is `select` {true, predicted, shift, ctrl}, of groups."""

    card: Card | Nothing = param.Dict({}, doc="a `Card`")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "matrix_card.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "matrix_card.css")]
