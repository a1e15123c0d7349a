"""The header bound to a session."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

import panel as pn

from dashboards.data.population import Population
from dashboards.data.query import QueryError, check, example, words
from dashboards.data.runs import MOST_CHOICES, run_choices
from dashboards.keys import SHORTCUTS, sections
from dashboards.kit.component import CardComponent
from dashboards.kit.elements import Box, text
from dashboards.kit.menus import Refusal, Tour, Window
from dashboards.serving import transfer
from dashboards.session.file_export import FileExport
from dashboards.session.gestures import Query
from dashboards.session.notes import NamedSelection
from dashboards.session.selection import Mode, Step, step_sentences
from dashboards.session.session import Session
from dashboards.tour import STEPS
from dashboards.views.header.computing import computation_menu
from dashboards.views.header.files import save_report, save_selection
from dashboards.views.header.pictures import library
from dashboards.views.header.saving import SaveState, save_menu
from dashboards.views.header.table import (
    TOUR,
    Changes,
    Options,
    Places,
    keys,
    places,
    query_line,
    selection_controls,
    theme,
)
from dashboards.widgets.component import Actions
from deepvid.errors import StoreError
from deepvid.permissions import permissions
from deepvid.report import MOST
from deepvid.wording import quantity


class HeaderView(pn.viewable.Viewer):
    """Shows where the session is and what is selected; takes the person elsewhere."""

    def __init__(self, session: Session, pages: Options, selecting: Collection[str]) -> None:
        """`pages` are (name, title), in their order; `selecting` are those that show the selection."""
        super().__init__()
        self._session, self._pages, self._selecting = session, pages, selecting
        self._chosen = 0  # times that a run was
        self._sought = ""  # in the ids of the runs in the menu
        self._opened = ""  # menu that is looked at, of those that are filled then
        self._refusal: Refusal | None = None
        self._named = 0  # times that a selection was
        self._export = FileExport(session, lambda _: self._show())
        self._card = CardComponent(
            self._actions(), "top-bar", sizing_mode="stretch_width", height=48, margin=0
        )
        session.selection.param.watch(self._show, ["steps", "count", "mode"])
        session.navigation.param.watch(self._show, session.navigation.linked)
        for state in session.pages.values():
            if state.linked:
                state.param.watch(self._show, state.linked)
        session.param.watch(self._show, ["version", "listed"])
        session.named_selections.param.watch(self._show, "entries")
        session.param.watch(self._follow_computations, "computations")
        self._show()

    def __panel__(self) -> CardComponent:
        return self._card

    def _actions(self) -> Actions:
        session = self._session
        acts = {
            "run": self._choose,
            "seek": self._seek,
            "split": session.show_split,
            "page": lambda page: session.navigation.param.update(page=page),
            "dark": lambda dark: session.navigation.param.update(theme="dark" if dark else "light"),
            "mode": lambda mode: session.selection.param.update(mode=Mode(mode)),
            "window": self._follow_window,
            "undo": lambda _: session.undo(),
            "redo": lambda _: session.redo(),
            "clear": lambda _: session.clear(),
            "query": self._ask,
            "steps": lambda opened: self._open("steps", opened),
            "keys": lambda opened: self._open("keys", opened),
            "drop": session.drop,
            "save": partial(save_selection, session, self._export),
            "report": partial(save_report, session, self._export),
            "name": self._name,
            "named": self._have,
            "found": lambda word: session.restore((Step(Mode.REPLACE, Query(word)),)),
            "unname": session.named_selections.drop,
            "cancel": session.cancel,
            "looked": self._look_at_computations,
        }
        return {name: self._held(act) for name, act in acts.items()}

    def _held(self, act: Any) -> Any:
        def action(value: Any) -> None:
            with self._session.hold():
                act(value)

        return action

    def _choose(self, run_id: str) -> None:
        self._chosen += 1
        self._session.navigation.run = run_id
        self._show()  # where that run cannot be opened, its menu goes back

    def _seek(self, asked: Any) -> None:
        """The menu has the runs with this in their id; Enter opens the first of them."""
        self._sought = asked["text"].strip()
        found = run_choices(self._session.runs, "", self._sought)
        if asked["entered"] and found:
            self._choose(found[0][0])
        self._show()

    def _follow_window(self, asked: dict[str, Any]) -> None:
        match asked:
            case {"go": query}:
                self._session.go(query)
            case {"library": _}:
                self._card.lists = {**self._card.lists, "library": library()}
            case {"fault": found}:
                error = StoreError(
                    "A view can be saved as a picture", found[:200], "Try again, or use another browser"
                )
                self._session.fault(error)

    def _name(self, asked: Any) -> None:
        name, steps = asked["text"].strip(), self._session.selection.steps
        self._named += 1
        self._session.named_selections.put(name, NamedSelection(steps, self._session.navigation.split))
        self._show()

    def _have(self, name: str) -> None:
        named = self._session.named_selections.entries[name]
        self._session.show_split(named.split)
        self._session.restore(named.steps)

    def _ask(self, query: str) -> None:
        table, query = self._session.population, query.strip()
        if table is None:
            return
        if not query:
            self._session.clear()
            return
        try:
            check(query, table)
        except QueryError as error:
            self._refusal = Refusal(query, error.begin, error.end, error.found)
            self._show()
            return
        self._refusal = None
        self._session.select(Step(self._session.selection.mode, Query(query)))

    def _open(self, menu: str, opened: bool) -> None:
        self._opened = menu if opened else ""
        self._show()

    def _look_at_computations(self, opened: bool) -> None:
        self._opened = "computations" if opened else ""
        self._session.look_at_computations()

    def _follow_computations(self, *_: Any) -> None:
        self._show()
        if self._opened == "computations" and any(row.news for row in self._session.computations):
            self._session.look_at_computations()

    def _show(self, *_: Any) -> None:
        session, table = self._session, self._asked
        page, rows = session.navigation.page, session.computations
        known = [] if table is None else words(table)
        with session.hold():
            if self._card.lists.get("words") != known:
                self._card.lists = {**self._card.lists, "words": known}
            controls = selection_controls(self._changes()) if self._selects else ()
            menus = (
                save_menu(self._kept()) if self._selects else None,
                keys(sections(page) if self._opened == "keys" else (), tour=page == self._pages[0][0]),
            )
            parts = (
                places(self._places()),
                computation_menu(rows) if rows else None,
                None if table is None else self._asking(table),
                text(
                    *controls, theme(dark=session.navigation.dark), text(*menus, look="menus"), look="right"
                ),
                self._window(),
                Tour(STEPS, TOUR) if page == self._pages[0][0] and self._selects else None,
            )
            self._card.draw(Box(parts, look="top"))

    def _window(self) -> Window:
        navigation = self._session.navigation
        return Window("window", self._session.address, navigation.dark, navigation.run, SHORTCUTS)

    @property
    def _selects(self) -> bool:
        """Whether this page shows the selection."""
        return bool(self._session.navigation.run) and self._session.navigation.page in self._selecting

    @property
    def _asked(self) -> Population | None:
        """The images that a query is asked of; None where none can be."""
        return self._session.population if self._session.navigation.page in self._selecting else None

    def _places(self) -> Places:
        session, navigation = self._session, self._session.navigation
        splits: Sequence[str] = () if self._asked is None else self._asked.splits
        return Places(
            navigation.page,
            self._pages,
            navigation.run,
            run_choices(session.runs, navigation.run, self._sought),
            len(session.runs) if len(session.runs) > MOST_CHOICES else 0,
            self._chosen,
            navigation.split,
            [(split, f"{split} set") for split in splits],
            permissions().read_only,
        )

    def _asking(self, table: Population) -> Any:
        steps = self._session.selection.steps
        asked = [step.gesture.text for step in steps if isinstance(step.gesture, Query)]
        return query_line(example(table), asked[-1] if asked else "", self._refusal)

    def _changes(self) -> Changes:
        selection, table = self._session.selection, self._session.population
        looked_at = self._opened == "steps" and table is not None
        return Changes(
            f"{selection.count:,} selected" if selection.steps else "nothing selected",
            selection.mode.value,
            bool(selection.steps),
            selection.previous is not None,
            selection.next is not None,
            step_sentences(table, selection.steps) if looked_at and table is not None else (),
        )

    def _kept(self) -> SaveState:
        session, selection, table = self._session, self._session.selection, self._session.population
        named = session.named_selections
        rows = 0 if table is None else table.rows
        return SaveState(
            tuple(named.entries),
            self._named,
            () if table is None or table.findings is None else tuple(table.findings.flags),
            named.refusal,
            bool(selection.steps),
            quantity(selection.count if selection.steps else rows, "image"),
            self._export.status,
            transfer.refusal(),
            self._export.download,
            session.navigation.page == self._pages[0][0] and session.navigation.focus is not None,
            selection.count if selection.steps and selection.count <= MOST else 0,
            session.address,
        )
