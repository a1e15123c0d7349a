"""Words in the place of a view or a page, with a button that starts what is missing."""

from typing import Any, NamedTuple

from dashboards.data.forecast import forecast
from dashboards.kit.component import CardComponent
from dashboards.kit.elements import Box, Button, Child, Children, quiet, text
from dashboards.kit.forms import Link
from dashboards.session.computation_rows import ComputationRow, row_of
from dashboards.session.needs import Missing
from dashboards.session.workspace import Workspace

LOOK = "message"


class Offer(NamedTuple):
    """Help of the server: the command, run by it."""

    can: bool = False  # whether it starts the command
    forecast: str = ""  # how long that takes, where it is known
    waits_for: str = ""  # while it waits
    runs: bool = False
    reason: str = ""  # why it failed the last time


class Placeholder:
    """Shows what a place lacks, how far its computation is, and why it failed.

    The browser says that the button was pressed, and nothing else: what starts is what this place lacks now.
    """

    def __init__(self, session: Workspace, **look: Any) -> None:
        self._session, self._lacks = session, Missing("")
        self.card = CardComponent({"run": self._start, "cancel": self._cancel}, LOOK, **look)
        session.param.watch(self._follow, "computations")

    def show(self, lacks: Missing) -> None:
        """Says this from now on."""
        self._lacks = lacks
        self._follow()

    def _start(self, _: Any) -> None:
        with self._session.hold():
            self._session.start(self._lacks.command)

    def _cancel(self, _: Any) -> None:
        if (row := self._row) is not None:
            with self._session.hold():
                self._session.cancel(row.entry.number)

    @property
    def _row(self) -> ComputationRow | None:
        return row_of(self._session.computations, self._lacks.command.computation)

    def _follow(self, *_: Any) -> None:
        command, row = self._lacks.command, self._row
        work = None if row is None else row.work
        waits = "" if row is None else row.waits_for
        can = command.computation is not None and not command.refusal
        offer = Offer(
            can and not work and not waits,
            forecast(command.computation) if can else "",
            waits,
            work is not None,
            "" if row is None else row.entry.reason,
        )
        self.card.work = work or {}
        self.card.draw(message(self._lacks, offer))


def message(lacks: Missing, offer: Offer | None = None) -> Box:
    """Words for what is missing and for a way out: a command to copy, and what the server offers to do."""
    offer = offer or Offer()
    lines = lacks.text.split("\n")[
        : 2 if offer.runs or offer.waits_for else None
    ]  # the third says what to do
    verify = Link(("Verify this run",), lacks.verify, look="action") if lacks.verify else None
    return Box(
        (
            text(lacks.title, tag="strong", style="font-size: var(--dv-large)") if lacks.title else None,
            *(text(line, tag="p", look="found" if at == 1 else "") for at, line in enumerate(lines)),
            verify,
            *_offered(lacks, offer),
        ),
        look="empty",
        role="alert" if lacks.verify else "",
    )


def _offered(lacks: Missing, offer: Offer) -> Children:
    """The button beside the command, which stays to be copied; how far it is, in their place."""
    if offer.runs:
        return ()
    if offer.waits_for:
        waits = quiet(f"Waits for {offer.waits_for}", role="status")
        return (Box((waits, Button(("Cancel",), "cancel", look="plain-text")), look="offer"),)
    command, refusal = lacks.command.text, lacks.command.refusal
    started: Children = (
        Button(("Run it now",), "run", look="action now"),
        quiet(offer.forecast) if offer.forecast else None,
        quiet("or") if command else None,
    )
    code: Child = text(command, tag="code") if command else None
    return (
        Box((text(offer.reason, tag="p"),), look="fault", role="alert") if offer.reason else None,
        Box((*(started if offer.can else ()), code), look="offer"),
        text(refusal, tag="p", look="quiet") if command and refusal else None,
    )
