"""The way from an image to another, with what the teacher says on it."""

from typing import ClassVar, TypedDict

import param

from dashboards.views.morph.table import Shown
from dashboards.widgets.component import Component, Nothing, source
from dashboards.widgets.work import WorkLine


class Card(TypedDict):
    """One way."""

    sample: int
    sentence: str
    note: str
    waiting: str  # in the place of the way, where there is none
    shown: Shown
    steps: int
    choices: list[int]  # of steps
    way: str
    ways: list[list[str]]  # [name, hint]
    action: str  # what can be asked for in the place of the way; empty: nothing
    fault: str  # what came of the last question, where it failed


class MorphCard(Component):
    """Shows `card` with its `images`, and the `work` under way. It plays in the browser.

    Actions: `show` {sample, step, or null for none}; `steps` their number; `way` name; `walk` sample;
    `cancel`.
    """

    card: Card | Nothing = param.Dict({}, doc="a `Card`")  # type: ignore[assignment]
    images: bytes = param.Bytes(b"", doc="uint8 (step, y, x, channel)")  # type: ignore[assignment]
    work: WorkLine | Nothing = param.Dict({}, doc="what is under way")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "work.js", "tiles.js", "morph_card.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "work.css", "morph_card.css")]
