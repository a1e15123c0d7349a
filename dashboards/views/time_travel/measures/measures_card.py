"""The measures of a map as a table."""

from typing import ClassVar, TypedDict

import param

from dashboards.views.time_travel.measures.table import Row
from dashboards.widgets.component import Component, Nothing, source


class Card(TypedDict):
    """What is shown."""

    epoch: int  # from 0
    rows: list[Row]
    notes: list[str]


class MeasuresCard(Component):
    """Shows `card`; it has no action."""

    card: Card | Nothing = param.Dict({}, doc="a `Card`")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "measures_card.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "measures_card.css")]
