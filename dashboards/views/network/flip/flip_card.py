"""The histogram of distances in the browser."""

from typing import Any, ClassVar, TypedDict

import param

from dashboards.widgets.component import Component, Nothing, source


class Card(TypedDict):
    """What is shown; bars as `dashboards.views.network.flip.table` has them."""

    space: str
    spaces: list[list[str]]  # [name, text, hint]
    sentence: str
    edges: list[float]
    bars: dict[str, list[int]]
    told: list[str]  # of each bin
    partial: bool  # whether some are selected, so that the rest is pale
    axis: str
    medians: dict[str, float | None]
    focus: dict[str, Any] | None
    detection: list[list[str]]
    verdict: str
    measured: str


class FlipCard(Component):
    """Shows `card`. Actions: `select` {first, last, shift, ctrl} of bins; `space` name."""

    card: Card | Nothing = param.Dict({}, doc="a `Card`")  # type: ignore[assignment]

    _esm = "views/network/flip/flip_card.js"
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "flip_card.css")]
