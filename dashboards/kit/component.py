"""A card in the browser, whose tree of elements `dashboards/browser/kit/card.js` draws."""

from math import isfinite
from typing import Any

import param

from dashboards.kit.charts import Chart, Histogram, Matrix, Way
from dashboards.kit.elements import Box, Button, Choice, Element, Slider, walk
from dashboards.served import BROWSER
from dashboards.widgets.component import Actions, Component, Nothing, Said
from dashboards.widgets.work import WorkLine

ALWAYS = "cancel", "hover"  # of the line of work; and of what no tree needs to offer, for it changes nothing
KEYS = "shift", "ctrl"  # that were down at a click


class CardComponent(Component):
    """Draws a tree, and the `work` under way above it; `actions` are those that its elements name.

    What a person asks for is done only where the tree that is shown offers it, with this very value: a click
    on what is no longer there, or a message that no button sends, does nothing.
    """

    look: str = param.String("", doc="its class in the style sheet")  # type: ignore[assignment]
    tree: dict[str, Any] = param.Dict({}, doc="message of an element; empty: nothing")  # type: ignore[assignment]
    sheet: str = param.String("", doc="style sheet of its own, in `dashboards/browser`")  # type: ignore[assignment]
    hovered: int = param.Integer(-1, doc="sample under the pointer in another view")  # type: ignore[assignment]
    work: WorkLine | Nothing = param.Dict({}, doc="what is under way")  # type: ignore[assignment]
    lists: dict[str, Any] = param.Dict({}, doc="what elements name: large, and sent when it changes")  # type: ignore[assignment]

    _esm = "kit/card.js"

    def __init__(self, actions: Actions, look: str, **params: Any) -> None:
        sheet = f"cards/{look}.css"
        own = sheet if (BROWSER / sheet).is_file() else ""
        super().__init__(actions, look=look, sheet=own, **{"sizing_mode": "stretch_both", **params})
        self.shown: Element = Box()

    def draw(self, tree: Element) -> None:
        """Draws what has changed of it."""
        if tree != self.shown:
            self.shown, self.tree = tree, tree.message()

    def _handle_msg(self, data: Said) -> None:
        if data.get("action") in ALWAYS or _offers(self.shown, data.get("action"), data.get("value")):
            super()._handle_msg(data)


def _offers(tree: Element, action: Any, value: Any) -> bool:
    """Whether an element of a tree asks for this."""
    return any(_asks(element, value) for element in walk(tree) if getattr(element, "act", None) == action)


def _asks(element: Element, value: Any) -> bool:
    match element:
        case Button(disabled=False, keys=True):
            if not (isinstance(value, dict) and all(type(value.get(key)) is bool for key in KEYS)):
                return False
            return _same(element.value, {name: each for name, each in value.items() if name not in KEYS})
        case Button(disabled=False):
            return _same(element.value, value)
        case Chart():
            return type(value) is int and 0 <= value - element.first < len(element.hints)
        case Choice():
            return value not in element.disabled and any(value == option for option, _, _ in element.options)
        case Slider(disabled=False) | Matrix() | Histogram() | Way():
            return _within(element, value)
    return element.allows(value)


def _within(element: Any, value: Any) -> bool:
    """Whether it is a number of its, or a range of them."""
    match element, value:
        case Slider(), {"name": element.name, "value": int(number) | float(number)}:
            return 0 <= number <= element.most
        case Matrix(), {"name": element.name, "value": int(number)}:
            return number in element.numbers
        case Histogram(), {"name": element.name, "low": low, "high": high, "shift": bool(), "ctrl": bool()}:
            return all(type(end) in (int, float) and isfinite(end) for end in (low, high))
        case Way(), {"sample": element.sample, "step": step}:
            return step is None or (type(step) is int and 0 <= step < len(element.positions))
    return False


def _same(offered: Any, asked: Any) -> bool:
    """Whether two values are equal, and none of them is a truth where the other is a number."""
    match offered, asked:
        case dict(), dict():
            return offered.keys() == asked.keys() and all(_same(offered[name], asked[name]) for name in asked)
        case list() | tuple(), list() | tuple():
            return len(offered) == len(asked) and all(map(_same, offered, asked))
    return bool(offered == asked) and isinstance(offered, bool) == isinstance(asked, bool)
