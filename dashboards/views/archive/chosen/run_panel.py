"""The chosen run: its head, and the card of the tab that is open."""

from typing import ClassVar, TypedDict

import param

from dashboards.views.archive.tab import Card
from dashboards.widgets.component import Component, Nothing, source
from dashboards.widgets.work import Fault, WorkLine


class Head(TypedDict):
    """The chosen run."""

    id: str
    state: str  # or `unreadable`
    facts: str
    readable: bool


class CardOfTab(Card):
    """The card of the open tab; what else is in it is that tab's."""

    tab: str
    fault: Fault | Nothing  # of the tab's last task


class Unreadable(TypedDict):
    """In the place of a card that cannot be made."""

    fault: Fault


class Contents(TypedDict):
    """What changes with the run, the tab and the tab's task; empty where no run is chosen."""

    head: Head | Nothing
    card: CardOfTab | Unreadable | Nothing
    work: WorkLine | Nothing


class RunPanel(Component):
    """Actions: `open`, `cancel`, `prepare` [parts left out], `verify`, `other` id, `delete`."""

    head: Head | Nothing = param.Dict({}, doc="as `Contents` says, like the next two")  # type: ignore[assignment]
    card: CardOfTab | Unreadable | Nothing = param.Dict({})  # type: ignore[assignment]
    work: WorkLine | Nothing = param.Dict({})  # type: ignore[assignment]

    _esm = "views/archive/chosen/run_panel.js"  # fmt: skip
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "work.css", "run_panel.css")]
