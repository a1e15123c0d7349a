"""The runs of the store, in a table."""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, NamedTuple

import panel as pn

from dashboards.data.commands import first_run
from dashboards.data.runs import COLUMNS, RunRow, RunTableRows, run_rows
from dashboards.kit.card import empty
from dashboards.kit.component import CardComponent
from dashboards.kit.elements import Box, Button, Child, HelpButton, text
from dashboards.kit.forms import Entry, Line, Moment
from dashboards.session.session import Session
from dashboards.views.archive.chosen import chosen
from dashboards.views.archive.importing import ImportView
from dashboards.views.archive.state import archive_state, choose
from deepvid import wording

HELP = HelpButton(
    "this table",
    what="The runs of the store: experiments with all that they computed.",
    use="A click says more of a run, a double click opens it in Diagnose; a click on a heading sorts, and "
    "the filter takes words of any column.",
    beware="An interrupted run has all that it committed and can be continued with the command that made it; "
    "one that was stopped goes on with that command without --stop-after.",
    source="",
)
LONGEST = 200  # letters of a filter
_WORDS: dict[str, Callable[[Any], str]] = {
    "text": str,
    "percent": partial(wording.percent, digits=1),
    "count": "{:,}".format,
    "size": wording.size,
}
"""By the kind of a column."""


class Order(NamedTuple):
    """An order of runs."""

    by: str  # field of a `RunRow`
    rising: bool


class RunsView(pn.viewable.Viewer):
    """Choosing a run shows it beside the table, opening it leads to the Diagnose page."""

    def __init__(self, session: Session, imports: ImportView) -> None:
        """Where there is no run, it has the button of `imports`."""
        super().__init__()
        self._session, self._imports = session, imports
        self._sought, self._order = "", Order("time", rising=False)
        self._store, self._first = str(session.store), first_run(session.store).text
        actions = {"choose": self._choose, "seek": self._seek, "sort": self._sort}
        self._card = CardComponent({**actions, **imports.actions()}, "run-table")
        session.showing.watch(session, ["listed", "version"], self._show)
        session.showing.watch(session.navigation, "run", self._follow)
        session.showing.watch(archive_state(session), "chosen", self._show)
        session.showing.watch(imports, "link", self._show)
        self._show()

    def __panel__(self) -> CardComponent:
        return self._card

    def _choose(self, asked: Any) -> None:
        with self._session.hold():
            if not asked["twice"]:
                choose(self._session, asked["value"])
                return
            archive_state(self._session).chosen = ""
            self._session.study(asked["value"])

    def _follow(self, *events: Any) -> None:
        """A run chosen in the header is the one to read about; not one that came while another page was."""
        if events:
            archive_state(self._session).chosen = ""
        self._show()

    def _seek(self, asked: Any) -> None:
        self._sought = asked["text"]
        self._show()

    def _sort(self, order: Any) -> None:
        self._order = Order(*order)
        self._show()

    def _show(self, *_: Any) -> None:
        listing, (by, rising) = chosen(self._session), self._order
        found = run_rows(self._session.runs, by, rising=rising, sought=self._sought)
        rows = Box(
            (_table(found.rows, self._order, listing.id if listing else ""), self._none(found)), look="rows"
        )
        with self._session.hold():
            self._card.draw(Box((_head(found, self._store), rows), "section", look="runs"))

    def _none(self, found: RunTableRows) -> Child:
        if found.rows:
            return None
        if found.all:
            return empty(text("No run matches the filter.", tag="p"))
        button = self._imports.button("Import an archive")
        ways = "Make one with this command, or import an archive. " if button and self._first else ""
        return empty(
            text("No runs yet", tag="strong"),
            text(f"There is none in {self._store}. {ways}The first one appears here.", tag="p"),
            text(self._first, tag="code") if self._first else None,
            action=button,
        )


def _head(found: RunTableRows, store: str) -> Box:
    some, many = f"{found.matching:,}", wording.quantity(found.all, "run")
    size, name = wording.size(found.bytes), store.replace("\\", "/").rstrip("/").rpartition("/")[2]
    part = f" · the first {len(found.rows)} are shown" if len(found.rows) < found.matching else ""
    return Box(
        (
            text(
                many if found.matching == found.all else f"{some} of {found.all:,} runs",
                tag="h2",
                look="title large",
            ),
            text(f"{size} in {name}{part}" if found.all else "", tag="p", look="quiet place", hint=store),
            Entry("seek", "Filter: a name, a state, …", live=True, most=LONGEST, label="Filter the runs"),
            HELP,
        ),
        look="over-runs",
    )


def _table(rows: list[RunRow], order: Order, marked: str) -> Box:
    head = Box((Box(tuple(_heading(*column, order) for column in COLUMNS), "tr"),), "thead")
    return Box((head, Box(tuple(_line(row, row["id"] == marked) for row in rows), "tbody")), "table")


def _heading(field: str, name: str, kind: str, order: Order) -> Box:
    ordered = field == order.by
    rising = not order.rising if ordered else field in ("id", "state", "source")
    words = f"{name} {'↑' if order.rising else '↓'}" if ordered else name
    direction: Literal["ascending", "descending"] = "ascending" if order.rising else "descending"
    return Box(
        (Button((words,), "sort", (field, rising)),),
        "th",
        look=_side(kind),
        sorted=direction if ordered else "",
        data={"field": field},
    )


def _line(row: RunRow, marked: bool) -> Line:
    cells = (
        text(
            _value(row, field, kind),
            tag="td",
            look=_side(kind),
            hint=row["id"] if field == "id" else "",
            data={"field": field},
        )
        for field, _, kind in COLUMNS
    )
    return Line(tuple(cells), "choose", row["id"], marked, label=row["id"], data={"run": row["id"]})


def _side(kind: str) -> str:
    return "" if kind in ("text", "time") else "number"


def _value(row: RunRow, field: str, kind: str) -> Child:
    value: Any = row[field]  # type: ignore[literal-required]
    if value is None:
        return None
    if field == "state":
        return text(value, look=f"state {value}")
    if kind == "time":
        return Moment(value)
    return _WORDS[kind](value)
