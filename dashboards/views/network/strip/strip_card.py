"""The frames of a strip in the browser."""

from typing import ClassVar, TypedDict

import param

from dashboards.views.network.strip.table import Shown
from dashboards.widgets.component import Component, Nothing, source
from dashboards.widgets.work import WorkLine


class Card(TypedDict):
    """One strip, or why there is none."""

    sample: int
    space: str
    spaces: list[list[str]]  # [name, text, hint]
    target: str
    targets: list[list[str]]  # [value, text]
    word: str  # the target in a word
    sentence: str
    notes: list[str]
    transfer: list[str]  # [text, hint]
    waiting: str
    action: str
    fault: str
    shown: Shown


class StripCard(Component):
    """Shows `card` with its `pictures` and `differences`, and the `work` under way.

    Actions: `space` name; `target` value; `draw` sample; `cancel`.
    """

    card: Card | Nothing = param.Dict({}, doc="a `Card`")  # type: ignore[assignment]
    pictures: bytes = param.Bytes(b"", doc="uint8 (frame, y, x, channel)")  # type: ignore[assignment]
    differences: bytes = param.Bytes(b"", doc="int8 (frame, y, x)")  # type: ignore[assignment]
    work: WorkLine | Nothing = param.Dict({}, doc="what is under way")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "work.js", "tiles.js", "diverging.js", "strip_card.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "work.css", "strip_card.css")]
