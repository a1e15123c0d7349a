"""A virtual grid of pictures on one canvas: only what is visible travels."""

from typing import Any, ClassVar, TypedDict

import param

from dashboards.views.grid.table import Described, Facts
from dashboards.widgets.component import Component, Nothing, source


class Focused(TypedDict):
    """The sample under study."""

    sample: int  # -1: none
    position: int  # in the order; -1: not in it
    asked: int  # the last `focus` that is answered by this
    offered: bool  # nobody chose it: the list does not move there


class ImageGrid(Component):
    """Tiles of the selection in an order the server holds; the browser knows positions in that order.

    Actions: `window` {order, first, last} for the tiles from a position to the one before another; `focus`
    {order, position, asked} on a tile; `find` {text, asked} an image; `hover` sample or null; `sort` name;
    `group` name; `menu` {what, sample}. Of `asked`, which counts, the newest matters; messages that name an
    older `order` are about positions that are gone.
    """

    listing: Described | Nothing = param.Dict({}, doc="`Described` images under a title")  # type: ignore[assignment]
    window: Facts | Nothing = param.Dict({}, doc="`Facts` of the tiles that are here")  # type: ignore[assignment]
    tiles: bytes = param.Bytes(b"", doc="uint8 (tile, y, x, channel) of the window")  # type: ignore[assignment]
    hovered: int = param.Integer(-1, doc="sample under the pointer in another view")  # type: ignore[assignment]
    marked: list[int] = param.List([], doc="samples that a person takes for mislabelled")  # type: ignore[assignment]
    found: dict[str, Any] = param.Dict({}, doc="{asked, sentence} of the last search")  # type: ignore[assignment]
    focused: Focused | Nothing = param.Dict({}, doc="`Focused`")  # type: ignore[assignment]

    _esm = "views/grid/image_grid.js"
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "image_grid.css")]
