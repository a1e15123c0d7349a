"""Quiet lines under a plot."""

from typing import Any

import param

from dashboards.kit.component import CardComponent
from dashboards.kit.elements import Box, text
from dashboards.widgets.component import Actions


class Caption(CardComponent):
    """Lines, each with a hint."""

    lines: list[list[str]] = param.List([], doc="[text, hint]")  # type: ignore[assignment]

    def __init__(self, actions: Actions, **params: Any) -> None:
        super().__init__(actions, "caption", **params)
        self.param.watch(self._draw, "lines")
        self._draw()

    def _draw(self, *_: Any) -> None:
        lines = tuple(text(words, tag="p", hint=hint) for words, hint in self.lines)
        self.draw(Box(lines, look="lines quiet"))
