"""The images near the one under study, training images first."""

from typing import ClassVar

import param

from dashboards.views.similar.table import Card
from dashboards.widgets.component import Component, Nothing, source


class SimilarCard(Component):
    """Shows `card` with its `tiles`, as many as fit. Actions: `study` sample, `hover` sample or null."""

    card: Card | Nothing = param.Dict({}, doc="a `Card`")  # type: ignore[assignment]
    tiles: bytes = param.Bytes(b"", doc="uint8 (tile, y, x, channel), group after group")  # type: ignore[assignment]
    hovered: int = param.Integer(-1, doc="sample under the pointer; -1: none")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "tiles.js", "similar_card.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "similar_card.css")]
