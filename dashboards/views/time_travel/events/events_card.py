"""Training events as a list."""

from typing import ClassVar, TypedDict

import param

from dashboards.views.time_travel.events.table import Row
from dashboards.widgets.component import Component, Nothing, source


class Card(TypedDict):
    """What is shown."""

    rows: list[Row]
    total: int
    kinds: list[list[str]]  # [name, text, hint]
    kind: str  # chosen; empty: all
    all: bool  # whether they are of all epochs
    focus: int | None
    waiting: str  # in the place of the rows, where there are none


class EventsCard(Component):
    """Shows `card`. Actions: `kind` name, `study` {sample, epoch, shift, ctrl}."""

    card: Card | Nothing = param.Dict({}, doc="a `Card`")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "events_card.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "events_card.css")]
