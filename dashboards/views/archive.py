"""The runs of the store and how each was made."""

from typing import Any

import panel as pn

from dashboards.frames.runs import COLUMNS, reader, run_details, run_rows
from dashboards.session import Session
from dashboards.widgets.run_table import RunTable


class ArchiveView(pn.viewable.Viewer):
    """Lists runs; choosing one shows its provenance, opening it leads to the Diagnose page."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._chosen = session.navigation.run
        self._widget = RunTable(
            {"choose": self._choose, "open": self._open},
            columns=COLUMNS,
            store=str(session.store),
            sizing_mode="stretch_both",
            margin=0,
        )
        session.param.watch(self._show, ["runs", "version"])
        session.navigation.param.watch(self._follow, "run")
        self._show()

    def __panel__(self) -> RunTable:
        return self._widget

    def _choose(self, run_id: str) -> None:
        self._chosen = run_id
        self._show()

    def _follow(self, event: Any) -> None:
        self._choose(event.new)

    def _open(self, run_id: str) -> None:
        with self._session.hold():
            self._session.navigation.param.update(run=run_id, page="diagnose")

    def _show(self, *_: Any) -> None:
        with self._session.hold():
            self._widget.param.update(rows=run_rows(self._session.runs), details=self._details())

    def _details(self) -> dict[str, Any]:
        listing = next((run for run in self._session.runs if run.id == self._chosen), None)
        if listing is None:
            return {}
        if listing.error is not None:
            return {"id": listing.id, "error": listing.error}
        return {"id": listing.id, "sections": run_details(reader(listing.path))}
