"""Pictures that a unit answers most, beside the images that it does, in the browser."""

from typing import ClassVar, TypedDict

import param

from dashboards.views.network.maximized.table import Slider, Tile
from dashboards.widgets.component import Component, Nothing, source
from dashboards.widgets.work import WorkLine


class Card(TypedDict):
    """All of it."""

    about: list[str | int]  # layer and unit
    sentence: str
    shape: list[int]  # y, x, channel of a picture
    tiles: list[Tile]
    sliders: list[Slider]
    refused: str  # why no slider can be moved; empty: they can
    warning: str


class MaximizedCard(Component):
    """Shows `card` with its `pictures`, and the `work` under way. Actions: `switch` {name, value}; `make`
    [layer, unit]; `cancel`.
    """

    card: Card | Nothing = param.Dict({}, doc="a `Card`")  # type: ignore[assignment]
    pictures: bytes = param.Bytes(b"", doc="uint8 (picture, y, x, channel), of all tiles")  # type: ignore[assignment]
    work: WorkLine | Nothing = param.Dict({}, doc="what is under way")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "work.js", "tiles.js", "maximized_card.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "work.css", "maximized_card.css")]
