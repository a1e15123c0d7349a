"""Workspace of one browser session: what it has, and the way from any thread to its document."""

import logging
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

import panel as pn
import param
from bokeh.document import Document
from tornado.ioloop import IOLoop

from dashboards.data.commands import Command
from dashboards.data.map_neighbors import NeighborRings
from dashboards.data.population import Population
from dashboards.data.runs import catalog
from dashboards.serving.computations import computations
from dashboards.serving.log import origin, record
from dashboards.session.computation_rows import ComputationRow, computation_rows
from dashboards.session.failing import explained
from dashboards.session.kept_maps import KeptMaps
from dashboards.session.linking import Linker, Study
from dashboards.session.navigation import Navigation
from dashboards.session.notes import Marks, NamedSelections, NoteStore
from dashboards.session.selection import Selection, Steps
from dashboards.session.state import PageState
from dashboards.session.visibility import Visibility
from deepvid.errors import DeepVIDError
from deepvid.store import Address, Run, RunListing, Status


class Workspace(param.Parameterized):
    """The run that a session shows, its state, and how that reaches the browser."""

    version: int = param.Integer(0, doc="changes when the run grows or another is opened")  # type: ignore[assignment]
    status: Status | None = param.Parameter(None)  # type: ignore[assignment]
    listed: int = param.Integer(0, doc="changes when other runs are listed, or other facts of them")  # type: ignore[assignment]
    neighbor_rings: NeighborRings | None = param.Parameter(None, doc="neighbors that a map may show")  # type: ignore[assignment]
    computations: tuple[ComputationRow, ...] = param.Parameter((), doc="started from pages, the latest first")  # type: ignore[assignment]
    notice: str = param.String("", doc="the last thing that went wrong in a gesture")  # type: ignore[assignment]

    linker: Linker

    def __init__(self, store: Address, document: Document, pages: Mapping[str, type[PageState]]) -> None:
        """`pages` are the states of the pages by their names, the first shown first."""
        super().__init__()
        self.store, self.document, self._loop = store, document, IOLoop.current()
        self._context = document.session_context  # None without a browser
        self.origin = origin(document)  # for the log of what it changes
        self.run: Run | None = None
        self.unmarked: Population | None = None  # without marks
        self._marked: Population | None = None
        self.pages = {name: state() for name, state in pages.items()}
        self.selection, self.navigation = Selection(), Navigation(list(self.pages))
        self.showing = Visibility(self.fault)  # of the page that is being built
        self.listing = catalog(store)
        self.marks = Marks(store, self.fault, self.schedule)
        self.named_selections = NamedSelections(store, self.fault, self.schedule)
        self.kept_maps = KeptMaps(store, self.fault, self.schedule)
        self.notes: tuple[NoteStore[Any, Any], ...] = (self.marks, self.named_selections, self.kept_maps)

    @property
    def population(self) -> Population | None:
        """The images that are shown, with this session's marks."""
        return self._marked

    @population.setter
    def population(self, table: Population | None) -> None:
        self.unmarked = table
        self._mark_rows()

    def _mark_rows(self) -> None:
        self._marked = self.unmarked and self.unmarked.with_marks(self.marks.entries)

    def list_runs(self) -> None:
        """Looks which runs the store has now. Raises StoreError for one that cannot be read."""
        self.listing.look()
        self.listed = self.listing.version

    @property
    def runs(self) -> list[RunListing]:
        """The store's runs, the latest first."""
        return self.listing.runs

    def list_computations(self) -> None:
        """Looks how far the computations are that pages of this store have started."""
        self.computations = computation_rows(self.store)

    def start(self, command: Command) -> None:
        """Starts what a page offers beside a command, in a process of its own; a fault says why it cannot."""
        if command.computation is None or command.refusal:
            return  # its button is not there, or no longer
        try:
            entry = computations.start(command.computation)
        except DeepVIDError as error:
            self.fault(error)
        else:
            record(
                f"{entry.computation.title} of {entry.computation.run or self.store} was started", self.origin
            )
        self.list_computations()

    def cancel(self, number: int) -> None:
        """Cancels a computation of this store."""
        if any(row.entry.number == number for row in self.computations):
            computations.cancel(number)
        self.list_computations()

    def look_at_computations(self) -> None:
        """A person has seen how they ended."""
        computations.look(self.store)
        self.list_computations()

    def fault(self, error: BaseException) -> None:
        """Shows on the page what went wrong in a gesture; the views keep their last good state."""
        if not isinstance(error, DeepVIDError):
            logging.getLogger(__name__).error("What a page asked for failed", exc_info=error)
        self.notice = str(explained(error))

    def on_end(self, callback: Callable[[], None]) -> None:
        """Calls back when the browser has gone for good."""
        self.document.on_session_destroyed(lambda _: callback())

    @contextmanager
    def building(self, showing: Visibility) -> Iterator[None]:
        """The views that are made inside are seen, and rest, with this part of the page."""
        before, self.showing = self.showing, showing
        try:
            yield
        finally:
            self.showing = before

    # --- how a gesture reaches the browser

    def refresh(self, study: Study | None = None, steps: Steps | None = None) -> Future[None]:
        """Draws the views that are behind, as when the run has grown, with the selection as it is or with
        these `steps`. It ends when all is prepared.
        """
        return self._commit(self.selection.steps if steps is None else steps, study)

    def _commit(self, steps: Steps, study: Study | None = None) -> Future[None]:
        commit = self.linker.commit(steps, study)
        commit.add_done_callback(self._report)
        return commit

    def _report(self, commit: Future[None]) -> None:
        error = commit.exception()
        if error is not None:
            self.schedule(partial(self.fault, error))

    def schedule(self, function: Callable[[], None]) -> None:
        """Runs a function soon on the document's own thread; may be called from any thread.

        If the browser has gone for good by then, nobody misses it.
        """

        def run() -> None:
            try:
                function()
            except Exception as error:
                self.fault(error)

        # Added from another thread while the document holds its events, a callback can be lost.
        self._loop.add_callback(self._add, run)

    def schedule_later(self, seconds: float, function: Callable[[], None]) -> None:
        """The same after a while; called on the document's own thread."""
        self._loop.call_later(seconds, self.schedule, function)

    def _add(self, run: Callable[[], None]) -> None:
        if self._context is None or not self._context.destroyed:
            self.document.add_next_tick_callback(run)

    def hold(self) -> AbstractContextManager[Any]:
        """Merges what is written inside into one message to the browser."""
        return pn.io.hold(self.document)
