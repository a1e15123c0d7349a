"""One unit in the browser: patches, what silencing it does, how it answers images, what drives it."""

from typing import ClassVar

import param

from dashboards.views.network.unit.table import Shown
from dashboards.widgets.component import Component, Nothing, source


class UnitCard(Component):
    """Shows `shown` with its `images`. Actions: `study` sample, `hover` sample or null,
    `source` {number, unit}, `brush` {number, low, high, shift, ctrl}, `extreme` {number, least, shift, ctrl}.
    """

    shown: Shown | Nothing = param.Dict({}, doc="a `Shown`")  # type: ignore[assignment]
    images: bytes = param.Bytes(b"", doc="as `Drawn`")  # type: ignore[assignment]
    hovered: int = param.Integer(-1, doc="sample under the pointer; -1: none")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "tiles.js", "unit_card.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "unit_card.css")]
