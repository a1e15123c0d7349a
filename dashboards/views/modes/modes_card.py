"""Kinds of mistakes as a list, each with its images, each selectable."""

from typing import ClassVar

import param

from dashboards.views.modes.table import Card
from dashboards.widgets.component import Component, Nothing, source


class ModesCard(Component):
    """Shows `card` with its `tiles`. Actions: `select` {query, shift, ctrl}, `study` sample."""

    card: Card | Nothing = param.Dict({}, doc="a `Card`")  # type: ignore[assignment]
    tiles: bytes = param.Bytes(b"", doc="uint8 (tile, y, x, channel), mode after mode")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "tiles.js", "diverging.js", "modes_card.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "modes_card.css")]
