"""Tabs: several answers to one question, of which one is shown."""

from typing import Any

import param

from dashboards.keys import TABS
from dashboards.kit.component import CardComponent
from dashboards.kit.elements import Box, HelpButton
from dashboards.kit.menus import Tabs
from dashboards.widgets.component import Actions


class TabBar(CardComponent):
    """Shows `tabs`, of which `chosen` is open, and the help of that one. It asks to `choose` one by its name.

    Where it has `digits`, these choose, too, wherever a person is on the page but in a field.
    """

    tabs: list[list[str]] = param.List([], doc="[name, title]")  # type: ignore[assignment]
    label: str = param.String("", doc="what they are about, for a screen reader")  # type: ignore[assignment]
    chosen: str = param.String("", doc="name of the open one")  # type: ignore[assignment]
    digits: bool = param.Boolean(True, doc="one bar of a page has them")  # type: ignore[assignment]

    def __init__(self, actions: Actions, **params: Any) -> None:
        super().__init__(actions, "tab-bar", **{"sizing_mode": "stretch_width", "margin": 0, **params})
        self.param.watch(self._draw, ["tabs", "chosen", "help"])
        self._draw()

    def _draw(self, *_: Any) -> None:
        shortcuts = tuple(key for _, key in TABS) if self.digits else ()
        options = tuple((name, title) for name, title in self.tabs)
        tabs = Tabs("choose", options, self.chosen, shortcuts, label=self.label)
        told: Any = self.help
        explained = HelpButton(dict(options).get(self.chosen, "this"), **told) if told else None
        self.draw(Box((tabs, explained), look="tabbed"))
