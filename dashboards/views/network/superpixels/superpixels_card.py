"""An image and its squares in the browser."""

from typing import ClassVar, TypedDict

import param

from dashboards.views.network.superpixels.table import Shown
from dashboards.widgets.component import Component, Nothing, source
from dashboards.widgets.work import WorkLine


class Card(TypedDict):
    """The squares, or why there are none."""

    sample: int
    sentence: str
    trust: str
    weak: bool
    waiting: str
    action: str
    fault: str
    shown: Shown


class SuperpixelsCard(Component):
    """Shows `card` over the `image`, and the `work` under way. Actions: `fit` sample; `cancel`."""

    card: Card | Nothing = param.Dict({}, doc="a `Card`")  # type: ignore[assignment]
    image: bytes = param.Bytes(b"", doc="uint8 (y, x, channel)")  # type: ignore[assignment]
    work: WorkLine | Nothing = param.Dict({}, doc="what is under way")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "work.js", "tiles.js", "diverging.js", "superpixels_card.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "work.css", "superpixels_card.css")]
