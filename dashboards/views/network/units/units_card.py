"""The units of a layer in the browser: bars of what differs above a matrix of sets of images."""

from typing import ClassVar

import param

from dashboards.views.network.units.table import Shown
from dashboards.widgets.component import Component, Nothing, source


class UnitsCard(Component):
    """Shows `shown` with its arrays. Actions: `unit` {number, unit} of a column."""

    shown: Shown | Nothing = param.Dict({}, doc="a `Shown`")  # type: ignore[assignment]
    mean: bytes = param.Bytes(b"", doc="as `Drawn`")  # type: ignore[assignment]
    error: bytes = param.Bytes(b"", doc="as `Drawn`")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "diverging.js", "units_card.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "units_card.css")]
