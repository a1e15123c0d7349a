"""Tabs: several answers to one question, of which one is shown."""

from typing import Any

import param

from dashboards.keys import TABS
from dashboards.kit.component import CardComponent
from dashboards.kit.elements import Box, Choice, HelpButton
from dashboards.kit.menus import Tabs
from dashboards.widgets.component import Actions


class TabBar(CardComponent):
    """Shows `tabs`, of which `chosen` is open, its `parts`, of which `part` is, and the help of what is open.
    It asks to `choose` a tab by its name, and for a `part`.

    Where it has `digits`, these choose, too, wherever a person is on the page but in a field.
    """

    tabs: list[list[str]] = param.List([], doc="[name, title]")  # type: ignore[assignment]
    label: str = param.String("", doc="what they are about, for a screen reader")  # type: ignore[assignment]
    chosen: str = param.String("", doc="name of the open one")  # type: ignore[assignment]
    parts: list[list[str]] = param.List([], doc="[name, title] of views within the open one")  # type: ignore[assignment]
    part: str = param.String("", doc="name of the one that is seen")  # type: ignore[assignment]
    digits: bool = param.Boolean(True, doc="one bar of a page has them")  # type: ignore[assignment]

    def __init__(self, actions: Actions, **params: Any) -> None:
        super().__init__(actions, "tab-bar", **{"sizing_mode": "stretch_width", "margin": 0, **params})
        self.param.watch(self._draw, ["tabs", "chosen", "parts", "part", "help"])
        self._draw()

    def _draw(self, *_: Any) -> None:
        shortcuts = tuple(key for _, key in TABS) if self.digits else ()
        options = tuple((name, title) for name, title in self.tabs)
        tabs = Tabs("choose", options, self.chosen, shortcuts, label=self.label)
        within, parts = (
            dict(options).get(self.chosen, "this"),
            tuple((name, title, "") for name, title in self.parts),
        )
        part = None
        if len(parts) > 1:
            part = Choice("part", parts, self.part, segments=True, label=f"Parts of {within}")
        told: Any = self.help
        about = next((title for name, title in self.parts if name == self.part), within)
        explained = HelpButton(about, **told) if told else None
        self.draw(Box((tabs, part, explained), look="tabbed parted" if part else "tabbed"))
