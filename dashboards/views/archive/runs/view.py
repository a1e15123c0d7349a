"""The runs of the store, in a table."""

from typing import Any, NamedTuple

import panel as pn

from dashboards.data.commands import first_run
from dashboards.data.runs import COLUMNS, RunRow, run_rows
from dashboards.session.session import Session
from dashboards.views.archive.chosen.view import chosen
from dashboards.views.archive.runs.run_table import RunTable
from dashboards.views.archive.state import archive_state, choose
from dashboards.widgets.help import Help

HELP = Help(
    what="The runs of the store: experiments with all that they computed.",
    use="A click says more of a run, a double click opens it in Diagnose; a click on a heading sorts, and "
    "the filter takes words of any column.",
    beware="An interrupted run has all that it committed and can be continued with the command that made it; "
    "one that was stopped goes on with that command without --stop-after.",
    source="",
)


LONGEST = 200  # letters of a filter


class Order(NamedTuple):
    """An order of runs."""

    by: str  # field of a `RunRow`
    rising: bool


class RunsView(pn.viewable.Viewer):
    """Choosing a run shows it beside the table, opening it leads to the Diagnose page."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._sought, self._order = "", Order("time", rising=False)
        self._widget = RunTable(
            {"choose": self._choose, "open": self._open, "seek": self._seek, "sort": self._sort},
            columns=COLUMNS,
            store=str(session.store),
            first=first_run(session.store).text,
            help=HELP,
            sizing_mode="stretch_both",
            margin=0,
        )
        session.showing.watch(session, ["listed", "version"], self._show)
        session.showing.watch(session.navigation, "run", self._follow)
        session.showing.watch(archive_state(session), "chosen", self._show)
        self._show()

    def __panel__(self) -> RunTable:
        return self._widget

    def _choose(self, run_id: str) -> None:
        with self._session.hold():
            choose(self._session, run_id)

    def _follow(self, *events: Any) -> None:
        """A run chosen in the header is the one to read about; not one that came while another page was."""
        if events:
            archive_state(self._session).chosen = ""
        self._show()

    def _open(self, run_id: str) -> None:
        with self._session.hold():
            archive_state(self._session).chosen = ""
            self._session.study(run_id)

    def _seek(self, words: Any) -> None:
        self._sought = str(words)[:LONGEST]
        self._show()

    def _sort(self, wanted: Any) -> None:
        match wanted:
            case [str(field), bool(rising)] if field in RunRow.__annotations__:
                self._order = Order(field, rising)
                self._show()

    def _show(self, *_: Any) -> None:
        listing = chosen(self._session)
        (by, rising), runs = self._order, self._session.runs
        shown = run_rows(runs, by, rising=rising, sought=self._sought)
        with self._session.hold():
            self._widget.param.update(
                listing={**shown._asdict(), "by": by, "rising": rising},
                chosen="" if listing is None else listing.id,
            )
