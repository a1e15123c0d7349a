"""Two moments by whose answers differ."""

from typing import ClassVar

import param

from dashboards.views.time_travel.differences.table import Listed
from dashboards.widgets.component import Component, Nothing, source


class DifferencesCard(Component):
    """Shows `card`. Actions: `part` {name, shift, ctrl}, `change` {row, shift, ctrl}."""

    card: Listed | Nothing = param.Dict({}, doc="a `Listed`")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "agreement.js", "differences_card.js")
    _stylesheets: ClassVar[list[str]] = [
        source(__file__, "base.css", "agreement.css", "differences_card.css")
    ]
