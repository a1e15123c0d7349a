"""The chosen run of the Archive page: what it is, and one tab at a time of what can be done with it."""

from collections.abc import Callable
from typing import Any

import panel as pn

from dashboards.data import wording
from dashboards.session.session import Session
from dashboards.views.archive.chosen.run_panel import RunPanel
from dashboards.views.archive.compare.tab import CompareTab
from dashboards.views.archive.delete.tab import DeleteTab
from dashboards.views.archive.download.tab import DownloadTab
from dashboards.views.archive.provenance.tab import ProvenanceTab
from dashboards.views.archive.tab import Tab, fault
from dashboards.views.archive.verify.tab import VerifyTab
from deepvid.errors import DeepVIDError
from deepvid.store import RunListing

TABS: dict[str, tuple[str, type[Tab]]] = {
    "provenance": ("Provenance", ProvenanceTab),
    "download": ("Download", DownloadTab),
    "verify": ("Verify", VerifyTab),
    "compare": ("Compare", CompareTab),
    "delete": ("Delete", DeleteTab),
}


class ChosenView(pn.viewable.Viewer):
    """Follows the address: which run, which tab."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._tabs = {name: tab(session, self._show) for name, (_, tab) in TABS.items()}
        actions = {name: act for tab in self._tabs.values() for name, act in tab.actions.items()}
        self._widget = RunPanel(
            {
                "open": self._open,
                "tab": self._turn,
                "cancel": lambda _: self._tab.task.cancel(),
                **{name: self._about_chosen(act) for name, act in actions.items()},
            },
            tabs=[[name, label] for name, (label, _) in TABS.items()],
            sizing_mode="stretch_both",
            margin=0,
        )
        session.param.watch(self._show, ["runs", "version"])
        session.navigation.param.watch(self._show, ["run", "chosen", "tab", "other", "page"])
        self._show()

    def __panel__(self) -> RunPanel:
        return self._widget

    @property
    def _tab(self) -> Tab:
        return self._tabs[self._session.navigation.tab]

    def _about_chosen(self, act: Callable[[RunListing, Any], None]) -> Callable[[Any], None]:
        def action(value: Any) -> None:
            listing = chosen(self._session)
            if listing is not None:
                with self._session.hold():
                    act(listing, value)
                    self._show()

        return action

    def _turn(self, tab: str) -> None:
        with self._session.hold():
            self._session.navigation.tab = tab

    def _open(self, _: Any) -> None:
        listing = chosen(self._session)
        if listing is not None:
            with self._session.hold():
                self._session.navigation.param.update(run=listing.id, page="diagnose")

    def _show(self, *_: Any) -> None:
        if self._session.navigation.page != "archive":
            return  # reading the parts of a run that grows costs something, and nobody looks
        listing, tab = chosen(self._session), self._session.navigation.tab
        update: dict[str, Any] = {"tab": tab, "head": {}, "card": {}, "work": {}}
        if listing is not None:
            update |= {"head": _head(listing), "card": self._card(listing), "work": self._tab.work()}
        changed = {name: value for name, value in update.items() if getattr(self._widget, name) != value}
        with self._session.hold():
            self._widget.param.update(**changed)

    def _card(self, listing: RunListing) -> dict[str, Any]:
        try:
            card = self._tab.card(listing)
        except (DeepVIDError, OSError) as error:
            if listing.error is None:
                parts = fault(error) if isinstance(error, DeepVIDError) else {"found": str(error)}
                return {"fault": parts}
            return {"fault": {"found": listing.error}}
        tab = self._session.navigation.tab  # a browser hears of the tab and of its card one after the other
        return {**card, "tab": tab, "fault": self._tab.fault(listing)}


def chosen(session: Session) -> RunListing | None:
    """The run that the Archive page shows; None where the store has none of that id."""
    wanted = session.navigation.chosen or session.navigation.run
    return next((run for run in session.runs if run.id == wanted), None)


def _head(listing: RunListing) -> dict[str, Any]:
    summary, metrics = listing.summary, listing.summary.get("metrics", {})
    accuracy, students = metrics.get("test_accuracy"), metrics.get("students")
    facts = [
        "unreadable" if listing.error else listing.state,
        wording.size(summary["bytes"]) if "bytes" in summary else "",
        "" if accuracy is None else f"{100 * accuracy:.1f} % of the test images right",
        f"{students:,} students" if students else "",
    ]
    return {
        "id": listing.id,
        "state": facts[0],
        "facts": " · ".join(fact for fact in facts[1:] if fact),
        "readable": listing.error is None,
    }
