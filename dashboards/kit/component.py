"""A card in the browser, whose tree of elements `dashboards/browser/kit/card.js` draws."""

from hashlib import blake2b
from typing import Any

import param

from dashboards.kit.elements import Box, Element, walk
from dashboards.served import BROWSER
from dashboards.serving.transfer import Download
from dashboards.widgets.component import Actions, Component, Nothing, Said
from dashboards.widgets.work import WorkLine

ALWAYS = "cancel", "hover"  # of the line of work; and of what no tree needs to offer, for it changes nothing
LONG = 512  # bytes that are sent apart from their tree, and once


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
    works: dict[str, WorkLine] = param.Dict({}, doc="what else is, by the name in a `Progress`")  # type: ignore[assignment]
    lists: dict[str, Any] = param.Dict({}, doc="what elements name: large, and sent when it changes")  # type: ignore[assignment]
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
        action, value = data.get("action"), data.get("value")
        if action in ALWAYS or any(element.offers(action, value) for element in walk(self.shown)):
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
