"""The header bound to a session."""

from collections.abc import Callable, Collection
from typing import Any

import panel as pn

from dashboards.data.population import Population
from dashboards.data.query import QueryError, check, example, words
from dashboards.data.runs import MOST_CHOICES, run_choices
from dashboards.data.saving import SAVES
from dashboards.serving import transfer
from dashboards.serving.transfer import Export
from dashboards.session.computation_rows import STARTING, ComputationRow
from dashboards.session.gestures import Query
from dashboards.session.notes import LONGEST_NAME, NamedSelection
from dashboards.session.selection import Mode, Step, step_sentences
from dashboards.session.session import Session
from dashboards.session.work import Task
from dashboards.views.header.pictures import library
from dashboards.views.header.shortcuts import ALWAYS, SHORTCUTS
from dashboards.views.header.top_bar import BarState, ComputationLine, Keeping, Refused, TopBar
from deepvid.data_check.kinds import KINDS
from deepvid.errors import StoreError
from deepvid.permissions import permissions
from deepvid.wording import quantity


class HeaderView(pn.viewable.Viewer):
    """Shows where the session is and what is selected; takes the person elsewhere."""

    def __init__(self, session: Session, pages: list[list[str]], selecting: Collection[str]) -> None:
        """`pages` are [name, title], in their order; `selecting` are those that show the selection."""
        super().__init__()
        self._session, self._pages, self._selecting = session, pages, selecting
        self._chosen = 0  # times that a run was
        self._sought = ""  # in the ids of the runs in the menu
        self._export = Export()
        self._saving = Task(session.schedule, self._report)
        session.on_end(self._export.close)
        session.on_end(self._saving.cancel)
        self._widget = TopBar(
            {
                "run": self._at(self._choose),
                "seek": self._seek,
                "split": session.show_split,
                "page": self._at(lambda value: session.navigation.param.update(page=value)),
                "dark": self._at(
                    lambda value: session.navigation.param.update(theme="dark" if value else "light")
                ),
                "mode": self._at(lambda value: session.selection.param.update(mode=Mode(value))),
                "go": self._at(session.go),
                "undo": lambda _: session.undo(),
                "redo": lambda _: session.redo(),
                "clear": lambda _: session.clear(),
                "query": self._ask,
                "steps": lambda _: self._tell(),
                "drop": lambda index: session.drop(int(index)),
                "save": self._save,
                "name": self._name,
                "named": self._have,
                "found": self._pick,
                "unname": self._forget,
                "library": lambda _: self._lend(),
                "unpictured": self._regret,
                "cancel": self._at(lambda number: session.cancel(int(number))),
                "looked": self._at(lambda _: session.look_at_computations()),
            },
            state=self._state(),
            sizing_mode="stretch_width",
            height=48,
            margin=0,
        )
        session.selection.param.watch(self._show, ["steps", "count", "mode"])
        session.navigation.param.watch(self._show, session.navigation.linked)
        for state in session.pages.values():
            if state.linked:
                state.param.watch(self._show, state.linked)
        session.param.watch(self._show, ["version", "listed"])
        session.named_selections.param.watch(self._show_kept, "entries")
        session.param.watch(self._show_kept, "version")  # of another run
        session.navigation.param.watch(self._show_keys, "page")
        session.param.watch(self._show_computations, "computations")
        self._show()
        self._show_computations()
        self._show_kept()
        self._show_keys()

    def __panel__(self) -> TopBar:
        return self._widget

    def _at(self, act: Callable[[Any], Any]) -> Callable[[Any], None]:
        def action(value: Any) -> None:
            with self._session.hold():
                act(value)

        return action

    def _choose(self, run_id: str) -> None:
        self._chosen += 1
        self._session.navigation.run = run_id
        self._show()  # where that run cannot be opened, its menu goes back

    def _seek(self, text: Any) -> None:
        """The menu has the runs with this in their id."""
        self._sought = str(text).strip()
        self._show()

    def _name(self, text: Any) -> None:
        name, steps = str(text).strip()[:LONGEST_NAME], self._session.selection.steps
        if name and steps:
            with self._session.hold():
                split = self._session.navigation.split
                self._session.named_selections.put(name, NamedSelection(steps, split))

    def _have(self, name: Any) -> None:
        named = self._session.named_selections.entries.get(str(name))
        if named is not None:
            self._session.show_split(named.split)
            self._session.restore(named.steps)

    def _pick(self, word: Any) -> None:
        if str(word) in KINDS:
            self._session.restore((Step(Mode.REPLACE, Query(str(word))),))

    def _forget(self, name: Any) -> None:
        with self._session.hold():
            if str(name) in self._session.named_selections.entries:
                self._session.named_selections.drop(str(name))

    @property
    def _rows(self) -> int:
        table = self._session.population
        return 0 if table is None else table.rows

    def _save(self, kind: Any) -> None:
        """Writes the selection, or all images, and lets the browser save the file."""
        table, run, mask = self._session.population, self._session.run, self._session.selection.mask
        save = SAVES.get(str(kind))
        if table is None or run is None or save is None or transfer.refusal():
            return
        path = self._export.path(f".{kind}")
        name = f"{run.id.removesuffix('.zip')}-{'images' if mask is None else 'selection'}.{kind}"

        def arrived(_: None) -> None:
            with self._session.hold():
                self._widget.download = self._export.offer(path, name)

        self._saving.start(name, lambda progress: save(path, table, mask, progress), arrived)

    def _report(self) -> None:
        task = self._saving
        said = "" if task.error is None else f"{task.error.must}: {task.error.found}. {task.error.action}"
        self._widget.saving = "Writing …" if task.busy else said

    def _lend(self) -> None:
        self._widget.library = library()

    def _regret(self, found: Any) -> None:
        self._session.fault(
            StoreError(
                "A view can be saved as a picture", str(found)[:200], "Try again, or use another browser"
            )
        )

    def _tell(self) -> None:
        table = self._session.population
        self._widget.steps = [] if table is None else step_sentences(table, self._session.selection.steps)

    def _ask(self, text: str) -> None:
        table, text = self._session.population, text.strip()
        if table is None:
            return
        if not text:
            self._session.clear()
            return
        try:
            check(text, table)
        except QueryError as error:
            refused: Refused = {"text": text, "begin": error.begin, "end": error.end, "found": error.found}
            self._widget.refused = refused
            return
        self._widget.refused = {}
        self._session.select(Step(self._session.selection.mode, Query(text)))

    def _show(self, *_: Any) -> None:
        table = self._asked
        self._widget.param.update(
            state=self._state(),
            words=[] if table is None else words(table),
            example="" if table is None else example(table),
            address=self._session.address,
        )

    def _show_kept(self, *_: Any) -> None:
        named = self._session.named_selections
        keeping: Keeping = {
            "named": list(named.entries),
            "found": [[word, _named(word)] for word in self._found],
            "unkept": named.refusal,
            "unsaved": transfer.refusal(),
        }
        self._widget.keeping = keeping

    def _show_computations(self, *_: Any) -> None:
        self._widget.computations = [_line_of(row) for row in self._session.computations]

    def _show_keys(self, *_: Any) -> None:
        self._widget.shortcuts = [*SHORTCUTS.get(self._session.navigation.page, []), ALWAYS]

    @property
    def _found(self) -> list[str]:
        table = self._session.population
        return [] if table is None or table.findings is None else list(table.findings.flags)

    @property
    def _asked(self) -> Population | None:
        """What a query is asked of; None where none can be."""
        return self._session.population if self._session.navigation.page in self._selecting else None

    def _state(self) -> BarState:
        selection, navigation = self._session.selection, self._session.navigation
        asked = [step.gesture.text for step in selection.steps if isinstance(step.gesture, Query)]
        return {
            "run": navigation.run,
            "runs": run_choices(self._session.runs, navigation.run, self._sought),
            "listed": len(self._session.runs) if len(self._session.runs) > MOST_CHOICES else 0,
            "chosen": self._chosen,
            "split": navigation.split,
            "splits": [] if self._asked is None else [[one, f"{one} set"] for one in self._asked.splits],
            "page": navigation.page,
            "pages": self._pages,
            "selecting": bool(navigation.run) and navigation.page in self._selecting,
            "selected": f"{selection.count:,} selected" if selection.steps else "nothing selected",
            "undo": selection.previous is not None,
            "redo": selection.next is not None,
            "clear": bool(selection.steps),
            "mode": selection.mode.value,
            "query": asked[-1] if asked else "",
            "dark": navigation.dark,
            "sample": navigation.focus if navigation.page == self._pages[0][0] else None,
            "counted": quantity(selection.count if selection.steps else self._rows, "image"),
            "read_only": permissions().read_only,
        }


def _line_of(row: ComputationRow) -> ComputationLine:
    entry = row.entry
    work = row.work or STARTING
    detail = {
        "waiting": f"waits for {row.waits_for}" if row.waits_for else "waits",
        "running": " · ".join(filter(None, (work["text"], work["detail"]))),
        "failed": entry.reason,
    }
    return {
        "number": entry.number,
        "title": entry.computation.title,
        "run": row.run,
        "state": entry.state,
        "detail": detail.get(entry.state, ""),
        "share": work["share"],
        "end": work["end"],
        "news": not entry.open and not entry.looked_at,
    }


def _named(word: str) -> str:
    """Words for a kind of finding, with the word that a query has where it is another."""
    short = KINDS[word].short
    return short if short == word else f"{short} ({word})"
