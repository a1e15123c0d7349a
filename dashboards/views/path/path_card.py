"""The steps of one image, each with its two branches."""

from typing import ClassVar

import param

from dashboards.views.path.table import Card
from dashboards.widgets.component import Component, Nothing, source


class PathCard(Component):
    """Shows `card`. Actions: `branch` {node, shift, ctrl}, `choose` with the name of a hierarchy."""

    card: Card | Nothing = param.Dict({}, doc="a `Card`")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "path_card.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "path_card.css")]
