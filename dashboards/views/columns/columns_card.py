"""Further columns as a list, one of them open with its values, each selectable."""

from typing import ClassVar, TypedDict

import param

from dashboards.views.columns.table import ColumnRow, ValueRow
from dashboards.widgets.component import Component, Nothing, source


class Card(TypedDict):
    """Content of the list."""

    title: str
    rows: list[ColumnRow]
    opened: str  # name of the open column
    values: list[ValueRow]  # its values
    rate: float  # of errors among all images
    note: str
    waiting: str  # in the place of the rows, where there are none


class ColumnsCard(Component):
    """Shows `card`. Actions: `open` name, `select` {query, shift, ctrl}."""

    card: Card | Nothing = param.Dict({}, doc="a `Card`")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "columns_card.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "columns_card.css")]
