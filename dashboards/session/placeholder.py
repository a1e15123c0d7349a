"""Words in the place of a view or a page, with a button that starts what is missing."""

from typing import Any

from dashboards.data.forecast import forecast
from dashboards.session.computation_rows import ComputationRow, row_of
from dashboards.session.needs import Missing
from dashboards.session.workspace import Workspace
from dashboards.widgets.message import Message, Offer, Words


class Placeholder:
    """Shows what a place lacks, how far its computation is, and why it failed.

    The browser says that the button was pressed, and nothing else: what starts is what this place lacks now.
    """

    def __init__(self, session: Workspace, **look: Any) -> None:
        self._session, self._lacks = session, Missing("")
        self.widget = Message({"run": lambda _: self._start(), "cancel": lambda _: self._cancel()}, **look)
        session.param.watch(lambda *_: self._follow(), "computations")

    def show(self, lacks: Missing) -> None:
        """Says this from now on."""
        self._lacks = lacks
        self.widget.message = message_of(lacks)
        self._follow()

    def _start(self) -> None:
        with self._session.hold():
            self._session.start(self._lacks.command)

    def _cancel(self) -> None:
        if (row := self._row) is not None:
            with self._session.hold():
                self._session.cancel(row.entry.number)

    @property
    def _row(self) -> ComputationRow | None:
        return row_of(self._session.computations, self._lacks.command.computation)

    def _follow(self) -> None:
        offer = self._offer()
        if offer != self.widget.offer:
            self.widget.offer = offer

    def _offer(self) -> Offer:
        command, row = self._lacks.command, self._row
        work = None if row is None else row.work
        waits = "" if row is None else row.waits_for
        reason = "" if row is None else row.entry.reason
        can = command.computation is not None and not command.refusal
        return {
            "can": can and not work and not waits,
            "forecast": forecast(command.computation) if can else "",
            "refusal": command.refusal,
            "work": work or {},
            "waits_for": waits,
            "reason": reason,
        }


def message_of(lacks: Missing) -> Words:
    """Words that a browser draws of it."""
    return {**lacks._asdict(), "command": lacks.command.text}  # type: ignore[typeddict-item]
