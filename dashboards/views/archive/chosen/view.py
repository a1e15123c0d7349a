"""The chosen run of the Archive page: what it is, and one tab at a time of what can be done with it."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

import panel as pn

from dashboards.session.failing import READ, explained
from dashboards.session.session import Session
from dashboards.views.archive.chosen.run_panel import CardOfTab, Contents, Head, RunPanel, Unreadable
from dashboards.views.archive.state import archive_state
from dashboards.views.archive.tab import Tab, fault
from dashboards.widgets.help import Help
from dashboards.widgets.tab_bar import TabBar
from deepvid import wording
from deepvid.errors import DeepVIDError
from deepvid.store import RunListing

HELP = Help(
    what="The run that is chosen: how it was made, as one file, whether it is whole, beside another run, and "
    "how to remove it.",
    use="An archive is the same bytes on any day, opens with xarray alone, and is imported above.",
    beware="Verify finds damage of any bit; it cannot know who computed the numbers: `deepvid reproduce` "
    "computes them again.",
    source="Comparison of two teachers: McNemar's test (McNemar 1947). Archives: RO-Crate 1.1 and BagIt's "
    "manifest (RFC 8493).",
)


class ChosenView(pn.viewable.Viewer):
    """Follows the address: which run, which tab."""

    def __init__(self, session: Session, tabs: Sequence[tuple[str, str, Callable[..., Tab]]]) -> None:
        """`tabs` are the page's: name, title, and what makes one."""
        super().__init__()
        self._session = session
        self._tabs = {name: build(session, self._show) for name, _, build in tabs}
        actions = {name: act for tab in self._tabs.values() for name, act in tab.actions.items()}
        self._widget = RunPanel(
            {
                "open": self._open,
                "cancel": lambda _: self._tab.task.cancel(),
                **{name: self._about_chosen(act) for name, act in actions.items()},
            },
            help=HELP,
            sizing_mode="stretch_both",
            margin=0,
        )
        self._bar = TabBar(
            {"choose": self._turn},
            tabs=[[name, title] for name, title, _ in tabs],
            label="The chosen run",
            sizing_mode="stretch_width",
            margin=0,
        )
        self._box = pn.Column(self._bar, self._widget, sizing_mode="stretch_both", margin=0)
        self._state = archive_state(session)
        session.showing.watch(session, ["listed", "version"], self._show)  # rests while nobody looks
        session.showing.watch(session.navigation, "run", self._show)
        session.showing.watch(self._state, ["chosen", "tab", "other"], self._show)
        self._show()

    def __panel__(self) -> pn.Column:
        return self._box

    @property
    def _tab(self) -> Tab:
        return self._tabs[self._state.tab]

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
            self._state.tab = tab

    def _open(self, _: Any) -> None:
        listing = chosen(self._session)
        if listing is not None:
            with self._session.hold():
                self._session.study(listing.id)

    def _show(self, *_: Any) -> None:
        listing, tab = chosen(self._session), self._state.tab
        contents: Contents = {"head": {}, "card": {}, "work": {}}
        if listing is not None:
            card, work = self._card(listing), self._tab.work()
            contents = {"head": _head(listing), "card": card, "work": work}
        changed = {name: value for name, value in contents.items() if getattr(self._widget, name) != value}
        with self._session.hold():
            self._bar.param.update(chosen=tab, visible=listing is not None)
            self._widget.param.update(**changed)

    def _card(self, listing: RunListing) -> CardOfTab | Unreadable:
        try:
            card = self._tab.card(listing)
        except Exception as error:
            if listing.error is not None:
                return {"fault": {"found": listing.error}}
            if not isinstance(error, DeepVIDError):
                logging.getLogger(__name__).error(f"{self._state.tab} of {listing.id}", exc_info=error)
            return {"fault": fault(explained(error, READ, "Verify the run"))}
        # A browser hears of the tab and of its card one after the other: each card names its tab.
        return {**card, "tab": self._state.tab, "fault": self._tab.fault(listing)}


def chosen(session: Session) -> RunListing | None:
    """The run that the Archive page shows; None where the store has none of that id."""
    wanted = archive_state(session).chosen or session.navigation.run
    return next((run for run in session.runs if run.id == wanted), None)


def _head(listing: RunListing) -> Head:
    summary, metrics = listing.summary, listing.summary.get("metrics", {})
    accuracy, students = metrics.get("test_accuracy"), metrics.get("students")
    facts = [
        "unreadable" if listing.error else listing.state,
        wording.size(summary["bytes"]) if "bytes" in summary else "",
        "" if accuracy is None else f"{wording.percent(accuracy, digits=1)} of the test images right",
        f"{students:,} students" if students else "",
    ]
    return {
        "id": listing.id,
        "state": facts[0],
        "facts": " · ".join(fact for fact in facts[1:] if fact),
        "readable": listing.error is None,
    }
