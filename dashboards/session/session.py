"""One browser session: what a person does in it, what an address says, and what its views are drawn from."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import xarray as xr
from bokeh.document import Document

from dashboards.data.explanations import Added, added_explanations
from dashboards.data.query import says_marks
from dashboards.data.students import StudentTable
from dashboards.session import computing
from dashboards.session.address import (
    LONGEST,
    SHORT,
    link_error,
    missing_now,
    missing_yet,
    read_address,
    write_address,
)
from dashboards.session.gestures import Query
from dashboards.session.linking import Linker
from dashboards.session.navigation import PICTURED
from dashboards.session.notes import LongSelections
from dashboards.session.run_controller import RunController, RunPoller
from dashboards.session.scene import Scene
from dashboards.session.selection import Step, Steps
from dashboards.session.state import PageState
from dashboards.session.workspace import Workspace
from deepvid.engine.requests import Edited
from deepvid.errors import DeepVIDError, StoreError
from deepvid.store import Address, Run

# Shared by all sessions: threads that only prepare what sessions show.
EXECUTOR = ThreadPoolExecutor(4, thread_name_prefix="deepvid-view")
NONE_FITTED = StudentTable()
NONE_EXPLAINED: Added = {}


class Session(Workspace):
    """Views follow scenes; the rest of a page watches `run`, `selection` and `navigation`, and acts here."""

    def __init__(
        self, store: Address, document: Document, pages: Mapping[str, type[PageState]] | None = None
    ) -> None:
        """`pages` are the states of the pages by their names, the first shown first; None: one page."""
        super().__init__(store, document, pages or {"page": PageState})
        unkept = partial(self.selection.param.trigger, "count")  # its address is another one
        self._notes = LongSelections(store, self.schedule, unkept)
        self.edited: Mapping[int, Edited] = {}
        self._fitted: WeakKeyDictionary[Run, StudentTable] = WeakKeyDictionary()
        self.opening = RunController(self)
        self._polling = RunPoller(self, self.opening)
        self.linker = Linker(
            self.selection,
            self._now,
            executor=EXECUTOR,
            schedule=self.schedule,
            hold=self.hold,
            focus=self.opening.take,
        )
        self.navigation.param.watch(lambda event: self.opening.open(event.new), "run")
        self.navigation.param.watch(lambda event: self.opening.show_split(event.new), "split")
        self.navigation.param.watch(lambda *_: self._forget_edits(), ["run", "focus", "pin"])
        self.navigation.param.watch(lambda *_: self.linker.follow(), PICTURED)
        self.marks.param.watch(lambda *_: self._follow_marks(), "entries")

    # --- what a person does

    def select(self, step: Step) -> None:
        """Applies one gesture in every view."""
        self._commit(self.selection.after(step), self.opening.study)

    def toggle(self, step: Step) -> None:
        """Applies a gesture, or clears the selection that it made already."""
        if self.selection.after(step) == self.selection.steps:
            self.clear()
        else:
            self.select(step)

    def drop(self, index: int) -> None:
        """Takes one gesture out of the selection; the others stay, in their order."""
        steps = self.selection.steps
        if 0 <= index < len(steps):
            self._commit((*steps[:index], *steps[index + 1 :]), self.opening.study)

    def restore(self, steps: Steps) -> None:
        """Applies gestures that were kept, in the place of the selection."""
        self._commit(steps, self.opening.study)

    def undo(self) -> None:
        """Back to the selection before the last gesture."""
        if self.selection.previous is not None:
            self._commit(self.selection.previous, self.opening.study)

    def redo(self) -> None:
        """Takes the last undo back."""
        if self.selection.next is not None:
            self._commit(self.selection.next, self.opening.study)

    def clear(self) -> None:
        """Selects nothing, which is to say everything."""
        if self.selection.steps:
            self._commit((), self.opening.study)

    def focus(self, sample: int | None) -> None:
        """Puts one sample under study, in one message to the browser; of the images that are not shown, with
        these.
        """
        self.opening.chosen()
        with self.hold():
            self.opening.show_split_of(sample)
            self.navigation.focus = sample

    def focus_asked(self, sample: Any) -> None:
        """Puts under study what a browser asks for, if it is an image of the run."""
        if self.population is not None and type(sample) is int and self.population.has(sample):
            self.focus(sample)

    def show_split(self, split: str) -> None:
        """Shows these of `dashboards.data.population.SPLITS` on all pages."""
        with self.hold():
            self.navigation.split = split

    def show_classes(self, wanted: str) -> None:
        """Shows these of many classes, in the words of `navigation.classes`."""
        with self.hold():
            self.navigation.classes = wanted

    def open_tab(self, name: str, part: str = "", *, page: str = "") -> None:
        """Opens a tab of a page, or of the one shown, if it has one of that name: at a part, or its first."""
        where = page or self.navigation.page
        state = self.pages[where]
        if "tab" in state.param and name in state.param["tab"].objects:
            with self.hold():
                state.param.update(tab=name, **({"part": part} if "part" in state.param else {}))
                self.navigation.page = where

    @property
    def first_page(self) -> str:
        """The name of the page on which one image is studied."""
        return next(iter(self.pages))

    def study(self, run_id: str) -> None:
        """Opens a run on the first page."""
        self.navigation.param.update(run=run_id, page=self.first_page)

    @property
    def fitted(self) -> StudentTable:
        """The students of its run that this session asked for."""
        return NONE_FITTED if self.run is None else self._fitted.get(self.run, NONE_FITTED)

    def take_student(self, run: Run, batch: xr.Dataset) -> None:
        """A student of a run, fitted because this session asked, is there: it is shown where its image is."""
        self._fitted[run] = self._fitted.get(run, NONE_FITTED).having(batch)
        if run is self.run:
            with self.hold():
                self.navigation.student = str(batch.attrs["settings_key"])
                self.linker.follow()

    @property
    def explained(self) -> Added:
        """The explanations of its run that this or another session asked for."""
        return NONE_EXPLAINED if self.run is None else added_explanations(self.run).entries

    def take_explanation(self, run: Run, batch: xr.Dataset) -> None:
        """An explanation of a run, computed because this session asked, is there."""
        added_explanations(run).take(batch)
        if run is self.run:
            self.linker.follow()

    def edit(self, sample: int, edited: Edited | None) -> None:
        """Shows a sample as its autoencoder changes it; None: as it is."""
        others = {known: edit for known, edit in self.edited.items() if known != sample}
        self.edited = others if edited is None else {**others, sample: edited}
        self.linker.follow()

    def _forget_edits(self) -> None:
        """Lets go of the edits that nobody looks at any more."""
        seen = (self.navigation.focus, self.navigation.pin)
        if any(sample not in seen for sample in self.edited):
            self.edited = {sample: edit for sample, edit in self.edited.items() if sample in seen}

    def _follow_marks(self) -> None:
        """Queries of marks mean these from now on; a selection that says them is made anew."""
        self._mark_rows()
        gestures = [step.gesture for step in self.selection.steps]
        if any(isinstance(one, Query) and says_marks(one.text) for one in gestures):
            self.refresh()

    # --- the address bar

    @property
    def address(self) -> str:
        """The query string of what is seen now; a long selection is kept in the run's notes and named.

        Where it cannot be kept, the address is long, or at last without it, and the page says so.
        """
        steps = self.selection.steps
        address = write_address(self.navigation, self.pages, steps)
        if len(address) <= SHORT or self.run is None:
            return address
        try:
            return write_address(self.navigation, self.pages, steps, self._notes.keep(self.run, steps))
        except StoreError as error:
            if len(address) <= LONGEST:
                return address
            self.fault(error)
            return write_address(self.navigation, self.pages, ())

    def go(self, search: str) -> None:
        """Shows what an address says; without a run, the newest one."""
        address = read_address(search, self.navigation, self.pages)
        values = dict(address.navigation)
        target = {"run": self.opening.resolve(values.pop("run")), "page": values.pop("page")}
        self.navigation.run = target["run"]  # first: opening a run forgets what is of the old one
        self.pages[target["page"]].param.update(**address.state)
        self.navigation.page = target["page"]  # built as its state says
        split = self.navigation.split = values.pop("split")  # before what may be one of them
        lacks = self._lacking(values)
        if self.navigation.split != split:
            lacks["split"] = f"no {split} images"
        values |= {name: self.navigation.param[name].default for name in lacks}
        if "projection" in lacks:
            values["view"] = None  # a part of that map
        if target["run"] and (address.misread or lacks):  # of no run that is known, that is said
            self.fault(link_error(address.misread, lacks.values()))
        if values["focus"] is None:
            values.pop("focus")  # keeps the one that opening the run has chosen
        else:
            self.opening.chosen()
        self.navigation.param.update(**values)
        steps = self._noted(address.note) if address.note else address.steps
        if steps != self.selection.steps and self.population is not None:
            self._commit(steps, None if "focus" in values else self.opening.study)

    def _lacking(self, values: Mapping[str, Any]) -> dict[str, str]:
        run, table = self.run, self.population
        if run is None or table is None:
            return {}
        growing = self.status is not None and self.status.state == "running"
        return missing_now(table, values) | ({} if growing else missing_yet(table, run, self.fitted, values))

    def _noted(self, name: str) -> Steps:
        try:
            return self._notes.find(self.run, name) if self.run is not None else ()
        except DeepVIDError as error:
            self.fault(error)
            return ()

    # --- the run, which may be growing, and what is seen of it

    def poll(self) -> None:
        """Looks for what the run has committed since, and how far computations are; cheap (a few `stat`)
        when nothing has."""
        self._polling.look()
        with self.hold():
            self.list_computations()

    def _now(self) -> Scene:
        return Scene(
            store=self.store,
            run=self.run,
            version=self.version,
            table=self.population,
            **self.navigation.pictured,
            edited=self.edited,
            fitted=self.fitted,
            explained=self.explained,
            refusal=computing.refusal(),
        )


class ImageOverride:
    """An image that a tab shows in the place of its own. What it showed before comes back after it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._before: tuple[int, Edited | None] | None = None  # a sample, and what stood in its place

    def show(self, edited: Edited) -> None:
        """The image card shows it."""
        if self._before is None or self._before[0] != edited.sample:
            self._before = edited.sample, self._session.edited.get(edited.sample)
        self._session.edit(edited.sample, edited)

    def leave(self) -> None:
        """The image card shows what it did before."""
        if self._before is not None:
            before, self._before = self._before, None
            if before[0] in self._session.edited:
                self._session.edit(*before)
