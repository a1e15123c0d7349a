"""A card in the browser, whose tree of elements `dashboards/browser/kit/card.js` draws."""

import json
from hashlib import blake2b
from typing import Any

import param

from dashboards.kit.elements import Box, Element, walk
from dashboards.served import BROWSER
from dashboards.serving.transfer import Download
from dashboards.widgets.component import Actions, Component, Nothing, Said
from dashboards.widgets.work import WorkLine

ALWAYS = "cancel", "hover"  # of the line of work; and of what no tree needs to offer, for it changes nothing
ALIGNED = 8  # bytes: every array begins at a multiple of them, so that the browser need not copy it


class CardComponent(Component):
    """Draws a tree, and the `work` under way above it; `actions` are those that its elements name.

    What a person asks for is done only where the tree that is shown offers it, with this very value: a click
    on what is no longer there, or a message that no button sends, does nothing.
    """

    look: str = param.String("", doc="its class in the style sheet")  # type: ignore[assignment]
    tree: str = param.String("", doc="of `pack`; empty: nothing")  # type: ignore[assignment]
    places: dict[str, tuple[int, int]] = param.Dict({}, doc="where the bytes that it names are held")  # type: ignore[assignment]
    held: bytes = param.Bytes(b"")  # type: ignore[assignment]
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
            self.shown = tree
            message, places, held = pack(tree)
            changed = {} if places == self.places else {"places": places, "held": held}
            self.param.update(tree=message, **changed)

    def _handle_msg(self, data: Said) -> None:
        action, value = data.get("action"), data.get("value")
        if action in ALWAYS or any(element.offers(action, value) for element in walk(self.shown)):
            super()._handle_msg(data)


def pack(tree: Element) -> tuple[str, dict[str, tuple[int, int]], bytes]:
    """A tree as JSON with {"$bytes": name} for bytes; {name: (start, end)} of the bytes held; and these.

    A name is of its bytes, so what two trees show stays what it is, and is drawn once. JSON is written and
    read by compiled code, where messages would be walked through by Bokeh's.
    """
    places: dict[str, tuple[int, int]] = {}
    held = bytearray()

    def apart(value: bytes) -> dict[str, str]:
        name = blake2b(value, digest_size=12).hexdigest()
        if name not in places:
            held.extend(bytes(-len(held) % ALIGNED))
            places[name] = len(held), len(held) + len(value)
            held.extend(value)
        return {"$bytes": name}

    message = json.dumps(tree.message(), default=apart, ensure_ascii=False)
    return message, places, bytes(held)
