"""The filters of a layer as pictures, and one of them in full."""

from typing import ClassVar, TypedDict

import param

from dashboards.views.filters.table import Shown
from dashboards.widgets.component import Component, Nothing, source
from dashboards.widgets.work import WorkLine


class Card(TypedDict):
    """One layer, seen by one image."""

    sample: int
    sentence: str
    notes: list[str]
    waiting: str  # in the place of the filters, where there are none
    shown: Shown
    order: str
    orders: list[list[str]]  # [name, text]
    action: str  # what can be asked for in the place of the filters; empty: nothing
    fault: str  # what came of the last question, where it failed


class FiltersCard(Component):
    """Shows `card` with its `maps` and the `image`, and the `work` under way.

    Actions: `layer` name; `order` name; `more`; `choose` {layer, number, or null for none}; `watch` sample;
    `cancel`.
    """

    card: Card | Nothing = param.Dict({}, doc="a `Card`")  # type: ignore[assignment]
    maps: bytes = param.Bytes(b"", doc="int8 (tile, v, u), the chosen one's last")  # type: ignore[assignment]
    image: bytes = param.Bytes(b"", doc="uint8 (y, x, channel)")  # type: ignore[assignment]
    work: WorkLine | Nothing = param.Dict({}, doc="what is under way")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "work.js", "tiles.js", "diverging.js", "filters_card.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "work.css", "filters_card.css")]
