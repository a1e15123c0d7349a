"""The chosen run of the Archive page: what it is, and one tab at a time of what can be done with it."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

import panel as pn

from dashboards.kit.card import empty
from dashboards.kit.component import CardComponent
from dashboards.kit.elements import Box, Button, Child, HelpButton, text
from dashboards.kit.tab_bar import TabBar
from dashboards.session.failing import READ, explained
from dashboards.session.session import Session
from dashboards.views.archive.state import archive_state
from dashboards.views.archive.tab import Sheet, Tab, fault, fault_box
from deepvid import wording
from deepvid.errors import DeepVIDError
from deepvid.store import RunListing

HELP = HelpButton(
    "this card",
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
        self.card = CardComponent(
            {
                "open": self._open,
                "tab": self._turn,
                "cancel": lambda _: self._tab.task.cancel(),
                **{name: self._about_chosen(act) for name, act in actions.items()},
            },
            "run-panel",
        )
        self._bar = TabBar(
            {"choose": self._turn},
            tabs=[[name, title] for name, title, _ in tabs],
            label="The chosen run",
        )
        self._box = pn.Column(self._bar, self.card, sizing_mode="stretch_both", margin=0)
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

    def _open(self, run_id: str) -> None:
        with self._session.hold():
            self._session.study(run_id)

    def _show(self, *_: Any) -> None:
        listing = chosen(self._session)
        with self._session.hold():
            self._bar.param.update(chosen=self._state.tab, visible=listing is not None)
            self.card.work = {} if listing is None else self._tab.work()
            self.card.draw(_panel(listing, () if listing is None else self._body(listing)))

    def _body(self, listing: RunListing) -> tuple[Child, ...]:
        try:
            sheet = self._tab.sheet(listing)
        except Exception as error:
            if listing.error is not None:
                return (fault_box(listing.error),)
            if not isinstance(error, DeepVIDError):
                logging.getLogger(__name__).error(f"{self._state.tab} of {listing.id}", exc_info=error)
            return (fault(explained(error, READ, "Verify the run")),)
        return _sheet(sheet, self._tab.error(listing), self._state.tab)


def chosen(session: Session) -> RunListing | None:
    """The run that the Archive page shows; None where the store has none of that id."""
    wanted = archive_state(session).chosen or session.navigation.run
    return next((run for run in session.runs if run.id == wanted), None)


def _panel(listing: RunListing | None, body: tuple[Child, ...]) -> Box:
    if listing is None:
        return empty(text("Choose a run to read how it was made, save it, verify it or compare it.", tag="p"))
    return Box(
        (_head(listing), Box(body, look="body", role="tabpanel")),
        "aside",
        look="panel",
        label="The chosen run",
    )


def _head(listing: RunListing) -> Box:
    summary, metrics = listing.summary, listing.summary.get("metrics", {})
    accuracy, students = metrics.get("test_accuracy"), metrics.get("students")
    state = "unreadable" if listing.error else listing.state
    facts = [
        wording.size(summary["bytes"]) if "bytes" in summary else "",
        "" if accuracy is None else f"{wording.percent(accuracy, digits=1)} of the test images right",
        f"{students:,} students" if students else "",
    ]
    readable = listing.error is None
    line = text(
        text(state, look=f"state {state}"),
        "".join(f" · {fact}" for fact in facts if fact),
        tag="p",
        look="quiet",
    )
    button = Button(
        ("Open",),
        "open",
        listing.id,
        disabled=not readable,
        look="action",
        hint="Study it on the Diagnose page" if readable else "It cannot be read",
    )
    name = text(listing.id, tag="h2", hint=listing.id)
    return Box((Box((name, line), look="who"), button, HELP), "header", look="about")


def _sheet(sheet: Sheet, error: DeepVIDError | None, tab: str) -> tuple[Child, ...]:
    news = {True: " whole", False: " broken", None: ""}[sheet.whole]
    return (
        text(sheet.title, tag="h3", look=f"sentence{news}"),
        text(sheet.text, tag="p", look="quiet text") if sheet.text else None,
        fault(error) if error else None,
        *sheet.children,
    )
