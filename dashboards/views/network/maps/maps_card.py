"""Maps of a few images side by side in the browser."""

from typing import ClassVar, TypedDict

import param

from dashboards.views.network.maps.table import Shown
from dashboards.widgets.component import Component, Nothing, source
from dashboards.widgets.work import WorkLine


class Card(TypedDict):
    """The maps, or why there are none."""

    sentence: str
    waiting: str  # in the place of the maps, or of those that are not here
    layers: list[str]  # that have maps, where the one that is shown has none
    action: str
    fault: str
    shown: Shown | Nothing


class MapsCard(Component):
    """Shows `card` with its `maps` and `images`, and the `work` under way.

    Actions: `unit` {number, unit}; `study`, `keep` sample; `scale`, `layer` name; `ask`; `cancel`.
    """

    card: Card | Nothing = param.Dict({}, doc="a `Card`")  # type: ignore[assignment]
    maps: bytes = param.Bytes(b"", doc="as `Drawn`")  # type: ignore[assignment]
    images: bytes = param.Bytes(b"", doc="as `Drawn`")  # type: ignore[assignment]
    work: WorkLine | Nothing = param.Dict({}, doc="what is under way")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "work.js", "tiles.js", "diverging.js", "maps_card.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "work.css", "maps_card.css")]
