"""Tabs: several answers to one question, of which one is shown."""

from typing import ClassVar

import param

from dashboards.widgets.component import Component, source


class TabBar(Component):
    """Shows `tabs`, of which `chosen` is open. Its one action is `choose`, with the name of a tab.

    Where it has `digits`, these choose, too, wherever a person is on the page but in a field.
    """

    tabs: list[list[str]] = param.List([], doc="[name, title]")  # type: ignore[assignment]
    label: str = param.String("", doc="what they are about, for a screen reader")  # type: ignore[assignment]
    chosen: str = param.String("", doc="name of the open one")  # type: ignore[assignment]

    digits: bool = param.Boolean(True, doc="one bar of a page has them")  # type: ignore[assignment]

    _esm = "widgets/tab_bar.js"
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "tab_bar.css")]
