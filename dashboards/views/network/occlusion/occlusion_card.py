"""What covering an image changes, in the browser."""

from typing import ClassVar, TypedDict

import param

from dashboards.views.network.occlusion.table import Shown
from dashboards.widgets.component import Component, Nothing, source
from dashboards.widgets.work import WorkLine


class Card(TypedDict):
    """The maps, or why there are none."""

    sample: int
    sentence: str
    waiting: str
    action: str
    fault: str
    shown: Shown


class OcclusionCard(Component):
    """Shows `card` with its `drops` and the `image`, and the `work` under way.

    Actions: `unit` {sample, layer, unit}; `cover` sample; `cancel`.
    """

    card: Card | Nothing = param.Dict({}, doc="a `Card`")  # type: ignore[assignment]
    drops: bytes = param.Bytes(b"", doc="as `Drawn`")  # type: ignore[assignment]
    image: bytes = param.Bytes(b"", doc="uint8 (y, x, channel)")  # type: ignore[assignment]
    work: WorkLine | Nothing = param.Dict({}, doc="what is under way")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "work.js", "tiles.js", "diverging.js", "occlusion_card.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "work.css", "occlusion_card.css")]
