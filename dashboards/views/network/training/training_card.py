"""Training images that speak for an answer, and those that speak against it."""

from typing import ClassVar

import param

from dashboards.views.network.training.table import Card
from dashboards.widgets.component import Component, Nothing, source


class TrainingCard(Component):
    """Shows `card` with its `tiles`, as many as fit, and flags those that are `marked`.

    Actions: `measure` name; `whose` "selection" or "focus"; `study` sample; `hover` sample or null; `mark`
    sample: as mislabelled, or no more.
    """

    card: Card | Nothing = param.Dict({}, doc="a `Card`")  # type: ignore[assignment]
    tiles: bytes = param.Bytes(b"", doc="uint8 (tile, y, x, channel), side after side")  # type: ignore[assignment]
    marked: list[int] = param.List([], doc="samples that a person takes for mislabelled")  # type: ignore[assignment]
    hovered: int = param.Integer(-1, doc="sample under the pointer; -1: none")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "tiles.js", "training_card.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "training_card.css")]
