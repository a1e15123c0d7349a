"""A card in the browser, whose tree of elements `dashboards/browser/kit/card.js` draws."""

from hashlib import blake2b
from math import isfinite
from typing import Any

import param

from dashboards.kit.charts import Chart, Histogram, Matrix, Way
from dashboards.kit.elements import Box, Button, Choice, Element, Field, Form, Slider, walk
from dashboards.served import BROWSER
from dashboards.serving.transfer import Download
from dashboards.widgets.component import Actions, Component, Nothing, Said
from dashboards.widgets.work import WorkLine

ALWAYS = "cancel", "hover"  # of the line of work; and of what no tree needs to offer, for it changes nothing
LONG = 4096  # bytes that are sent apart from their tree, and once
KEYS = "shift", "ctrl"  # that were down at a click


class CardComponent(Component):
    """Draws a tree, and the `work` under way above it; `actions` are those that its elements name.

    What a person asks for is done only where the tree that is shown offers it, with this very value: a click
    on what is no longer there, or a message that no button sends, does nothing.
    """

    look: str = param.String("", doc="its class in the style sheet")  # type: ignore[assignment]
    tree: dict[str, Any] = param.Dict({}, doc="message of an element; empty: nothing")  # type: ignore[assignment]
    long: dict[str, bytes] = param.Dict({}, doc="bytes by the names that the tree has for them")  # type: ignore[assignment]
    sheet: str = param.String("", doc="style sheet of its own, in `dashboards/browser`")  # type: ignore[assignment]
    hovered: int = param.Integer(-1, doc="sample under the pointer in another view")  # type: ignore[assignment]
    answered: dict[str, Any] = param.Dict({}, doc="{asked, error}: the last question of `Latents`")  # type: ignore[assignment]
    work: WorkLine | Nothing = param.Dict({}, doc="what is under way")  # type: ignore[assignment]
    download: Download | Nothing = param.Dict({}, doc="a `Download`, saved at once")  # type: ignore[assignment]

    _esm = "kit/card.js"

    def __init__(self, actions: Actions, look: str, **params: Any) -> None:
        sheet = f"cards/{look}.css"
        own = sheet if (BROWSER / sheet).is_file() else ""
        super().__init__(actions, look=look, sheet=own, **{"sizing_mode": "stretch_both", **params})
        self.shown: Element = Box()

    def draw(self, tree: Element) -> None:
        """Draws what has changed of it."""
        if tree != self.shown:
            long: dict[str, bytes] = {}
            self.shown, message = tree, _apart(tree.message(), long)
            self.param.update(tree=message, **({"long": long} if long.keys() != self.long.keys() else {}))

    def _handle_msg(self, data: Said) -> None:
        if data.get("action") in ALWAYS or _offers(self.shown, data.get("action"), data.get("value")):
            super()._handle_msg(data)


def _apart(value: Any, long: dict[str, bytes]) -> Any:
    """The same with a name in the place of long bytes, which are put into `long`."""
    match value:
        case bytes() if len(value) >= LONG:
            name = blake2b(value, digest_size=12).hexdigest()
            long[name] = value
            return {"$long": name}
        case dict():
            return {name: _apart(each, long) for name, each in value.items()}
        case list() | tuple():
            return [_apart(each, long) for each in value]
    return value


def _offers(tree: Element, action: Any, value: Any) -> bool:
    """Whether an element of a tree asks for this."""
    return any(
        element.offers(action, value) or (getattr(element, "act", None) == action and _asks(element, value))
        for element in walk(tree)
    )


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
        case Choice(local=False):
            return value not in element.disabled and any(value == option for option, _, _ in element.options)
        case Slider(disabled=False) | Matrix() | Histogram() | Way():
            return _within(element, value)
        case Form():
            return _fills(element, value)
    return False


def _fills(form: Form, value: Any) -> bool:
    """Whether it is the value of a form, with what fits in each of its fields."""
    fields = {each.name: each for each in walk(form) if isinstance(each, Field)}
    if not isinstance(value, dict) or value.keys() != {*form.value, *fields}:
        return False
    fits = all(_fits(field, value[name]) for name, field in fields.items())
    return fits and _same(dict(form.value), {name: value[name] for name in form.value})


def _fits(field: Field, text: Any) -> bool:
    if field.options:
        return any(text == value for value, _ in field.options)
    return isinstance(text, str) and len(text) <= field.most


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
