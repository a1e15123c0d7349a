"""The neighbors that an image's student is fitted on, as tiles."""

from typing import ClassVar, TypedDict

import param

from dashboards.views.neighbors.rings import Switch
from dashboards.views.neighbors.table import Shown
from dashboards.widgets.component import Component, Nothing, source
from dashboards.widgets.work import WorkLine


class Card(TypedDict):
    """The neighbors of one image."""

    sample: int
    sentence: str
    notes: list[str]  # sentences
    waiting: str  # in the place of the tiles, where there are none
    shown: Shown
    action: str  # what can be asked for in the place of the tiles; empty: nothing
    fit: bool  # a student can be fitted with these
    fault: str  # what came of the last question, where it failed


class NeighborsCard(Component):
    """Shows `card` with its `tiles`, and the `work` under way. Order and filter change in the browser.

    Actions: `show` {sample, number: of a neighbor, or null for none}; `draw` sample; `fit` sample; `cancel`;
    `rings` true or false.
    """

    card: Card | Nothing = param.Dict({}, doc="a `Card`")  # type: ignore[assignment]
    tiles: bytes = param.Bytes(b"", doc="uint8 (tile, y, x, channel)")  # type: ignore[assignment]
    rings: Switch | Nothing = param.Dict({}, doc="a `Switch`; empty: there is none")  # type: ignore[assignment]
    work: WorkLine | Nothing = param.Dict({}, doc="what is under way")  # type: ignore[assignment]

    _esm = "views/neighbors/neighbors_card.js"
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "work.css", "neighbors_card.css")]
