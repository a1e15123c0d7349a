"""The runs of the store, in a table."""

from typing import Any

import panel as pn

from dashboards.data.runs import COLUMNS, run_rows
from dashboards.session.session import Session
from dashboards.views.archive.chosen.view import chosen
from dashboards.views.archive.runs.run_table import RunTable


class RunsView(pn.viewable.Viewer):
    """Choosing a run shows it beside the table, opening it leads to the Diagnose page."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._widget = RunTable(
            {"choose": self._choose, "open": self._open},
            columns=COLUMNS,
            store=str(session.store),
            sizing_mode="stretch_both",
            margin=0,
        )
        session.param.watch(self._show, ["runs", "version"])
        session.navigation.param.watch(self._follow, "run")
        session.navigation.param.watch(self._show, "chosen")
        self._show()

    def __panel__(self) -> RunTable:
        return self._widget

    def _choose(self, run_id: str) -> None:
        with self._session.hold():
            self._session.navigation.chosen = run_id

    def _follow(self, _: Any) -> None:
        """A run chosen in the header is the one to read about."""
        if self._session.navigation.page == "archive":
            self._session.navigation.chosen = ""
        self._show()

    def _open(self, run_id: str) -> None:
        with self._session.hold():
            self._session.navigation.param.update(run=run_id, chosen="", page="diagnose")

    def _show(self, *_: Any) -> None:
        listing = chosen(self._session)
        with self._session.hold():
            self._widget.param.update(
                rows=run_rows(self._session.runs), chosen="" if listing is None else listing.id
            )
