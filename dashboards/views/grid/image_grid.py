"""A virtual grid of pictures on one canvas: only what is visible travels."""

from typing import Any, ClassVar

import param

from dashboards.widgets.component import Component, source


class ImageGrid(Component):
    """Tiles of the selection in an order the server holds; the browser knows positions in that order.

    Actions: `window` {order, first, last} asks for tiles, `focus` {order, position, asked}, `hover` sample
    or null, `sort` name. Messages that name an older `order` are about positions that are gone.
    """

    listing: dict[str, Any] = param.Dict(
        {}, doc="title, note, count, order (its number), shape (y, x, channel), classes, colors, sort, sorts"
    )  # type: ignore[assignment]
    window: dict[str, Any] = param.Dict(
        {}, doc="order, first, sample, label, predicted, confidence: one entry a tile"
    )  # type: ignore[assignment]
    tiles: bytes = param.Bytes(b"", doc="uint8 (tile, y, x, channel) of the window")  # type: ignore[assignment]
    hovered: int = param.Integer(-1, doc="sample under the pointer in another view")  # type: ignore[assignment]
    focused: dict[str, Any] = param.Dict(
        {}, doc="sample, position in the order (-1: not in it), asked: the last request answered"
    )  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "image_grid.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "image_grid.css")]
