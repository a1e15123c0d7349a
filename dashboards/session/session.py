"""What one browser session owns: the run it looks at, its state, and the way a gesture becomes a commit."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

import panel as pn
import param
from bokeh.document import Document
from tornado.ioloop import IOLoop

from dashboards.data.orders import ordered
from dashboards.data.population import Population, population
from dashboards.data.runs import forget, reader
from dashboards.session.address import read_address, write_address
from dashboards.session.linking import Linker
from dashboards.session.navigation import TABS, Navigation
from dashboards.session.selection import Gesture, Mask, Selection, Step, Steps
from deepvid.errors import DeepVIDError
from deepvid.store import Address, Run, RunListing, Status, choose, is_url, list_runs

# Shared by all sessions: threads that only prepare what sessions show.
EXECUTOR = ThreadPoolExecutor(4, thread_name_prefix="deepvid-view")
RESTING = 2_000_000_000  # ns since the last change of a store after which its runs are listed for good


class Session(param.Parameterized):
    """Views read `run`, `population`, `selection` and `navigation`, watch them, and act through methods.

    `version` counts what was seen of the run: it changes whenever the run has grown or another is opened,
    after `population` was replaced and before the linked views are refreshed.
    """

    version: int = param.Integer(0)  # type: ignore[assignment]
    status: Status | None = param.Parameter(None)  # type: ignore[assignment]
    runs: list[RunListing] = param.List([], doc="the store's runs, the latest first")  # type: ignore[assignment]
    notice: str = param.String("", doc="the last thing that went wrong in a gesture")  # type: ignore[assignment]

    def __init__(self, store: Address, document: Document) -> None:
        super().__init__()
        self.store, self.document, self._loop = store, document, IOLoop.current()
        self.run: Run | None = None
        self.population: Population | None = None
        self.selection, self.navigation = Selection(), Navigation()
        self.linker = Linker(
            self.selection,
            self._resolve,
            executor=EXECUTOR,
            schedule=self.schedule,
            hold=self.hold,
        )
        self._commits = 0
        self._offered: int | None = None  # the sample under study, where nobody has chosen one
        self._listed: int | None = None
        self._trouble = ""  # what the last look at the run met
        self.navigation.param.watch(lambda event: self._open(event.new), "run")

    # --- what a person does

    def select(self, step: Step) -> None:
        """Applies one gesture in every view."""
        self._commit(self.selection.after(step))

    def undo(self) -> None:
        """Back to the selection before the last gesture."""
        if self.selection.previous is not None:
            self._commit(self.selection.previous)

    def redo(self) -> None:
        """Takes the last undo back."""
        if self.selection.next is not None:
            self._commit(self.selection.next)

    def clear(self) -> None:
        """Selects nothing, which is to say everything."""
        if self.selection.steps:
            self._commit(())

    def focus(self, sample: int | None) -> None:
        """Puts one sample under study, in one message to the browser."""
        self._offered = None
        with self.hold():
            self.navigation.focus = sample

    # --- the address bar

    @property
    def address(self) -> str:
        """The query string of what is seen now."""
        return write_address(self.navigation, self.selection.steps)

    def go(self, search: str) -> None:
        """Shows what an address says; without a run, the newest one."""
        address = read_address(search)
        names = dict(address.navigation)
        place = {"run": self._resolve_run(names.pop("run")), "page": names.pop("page")}
        self.navigation.param.update(**place)  # first: opening a run clears the focus
        if names["focus"] is None:
            names.pop("focus")  # keeps the one that opening the run has chosen
        self.navigation.param.update(**names)
        if address.steps != self.selection.steps and self.population is not None:
            self._commit(address.steps)

    def _resolve_run(self, prefix: str) -> str:
        try:
            self.list_runs()
            if prefix:
                return choose(self.runs, prefix, self.store).id
        except DeepVIDError as error:
            self.notice = str(error)
            return ""
        return next((run.id for run in self.runs if run.error is None), "")

    # --- the run, which may be growing

    def list_runs(self) -> None:
        """Looks which runs the store has now. Raises StoreError for a URL that cannot be read."""
        modified = _modified(self.store)
        resting = modified is None or abs(time.time_ns() - modified) > RESTING
        self._listed = modified if resting else 0  # a run's folder is there before its journal: look again
        self.runs = list_runs(self.store)

    def poll(self) -> None:
        """Looks for what the run has committed since; cheap (a few `stat`) when nothing has."""
        if self._listed != _modified(self.store):
            with self.hold():
                self.list_runs()
        if self.run is None:
            if not is_url(self.store):  # a listing far away is asked for by a person, not by a clock
                with self.hold():
                    self.navigation.run = self._resolve_run("")
            return
        try:
            self.run.poll()
            status = self.run.status()
            grown = len(self.run.commits) != self._commits
            if grown or status != self.status:
                with self.hold():
                    self.status = status
                    if grown:
                        self.list_runs()
                        self._show(self.run, population(self.run)).add_done_callback(self._offer_again)
        except FileNotFoundError:
            self._removed(self.run)
        except (DeepVIDError, OSError) as error:
            self._tell(str(error))
        else:
            self._tell("")

    def _tell(self, trouble: str) -> None:
        """Says once what keeps the run from being read; when that is over, the views read again."""
        before, self._trouble = self._trouble, trouble
        if trouble == before:
            return
        with self.hold():
            if trouble or self.notice == before:
                self.notice = trouble
            if not trouble:
                self.version += 1

    def fault(self, error: BaseException) -> None:
        """What went wrong in a gesture, for the page to show; the views keep their last good state."""
        if not isinstance(error, DeepVIDError | OSError):
            raise error
        self.notice = str(error)

    def _removed(self, run: Run) -> None:
        """Somebody has deleted the run that is shown: the newest one takes its place."""
        forget(run.address)
        with self.hold():
            self.leave(run.id)
            self.notice = f"{run.id} was deleted."

    def leave(self, run_id: str) -> None:
        """Shows the newest readable run instead of one that is gone, and asks nothing about it."""
        place, newest = self.navigation, self._resolve_run("")
        if (place.chosen or place.run) == run_id:
            place.tab = TABS[0]
        if place.run == run_id:
            place.run = newest
        if place.chosen == run_id:
            place.chosen = ""
        if place.other == run_id:
            place.other = ""

    def on_end(self, callback: Callable[[], None]) -> None:
        """Calls back when the browser has gone for good."""
        self.document.on_session_destroyed(lambda _: callback())

    def _open(self, run_id: str) -> None:
        """Opens a run of the listing; where that fails, the one that is open stays."""
        if self.run is not None and run_id == self.run.id:
            return
        try:
            run = reader(choose(self.runs, run_id, self.store).path) if run_id else None
            table = population(run) if run else None
        except (DeepVIDError, OSError) as error:
            self.notice = str(error)
            self.navigation.run = self.run.id if self.run else ""
            return
        self.run = run
        self.selection.reset()
        self.navigation.param.update(focus=None, hover=None)
        self.status = run.status() if run else None
        self.population = table
        self._offer()
        self._show(run, table)

    def _show(self, run: Run | None, table: Population | None) -> Future[None]:
        self.run, self.population = run, table
        self._commits = len(run.commits) if run else 0
        self.version += 1
        return self.linker.refresh()

    def _offer(self) -> None:
        """Nobody has to click first: the most confident error is under study until a person chooses."""
        table = self.population
        if table is None or table.wrong is None or not table.rows:
            return
        if self.navigation.focus in (None, self._offered):
            self._offered = int(table.samples[ordered(table, "worst", None).rows(0, 1)[0]])
            with self.hold():
                self.navigation.focus = self._offered

    def _offer_again(self, _: Future[None]) -> None:
        self.schedule(self._offer)  # once the views show what it is from

    # --- how a gesture reaches the browser

    def _commit(self, steps: Steps) -> None:
        self.linker.commit(steps).add_done_callback(self._report)

    def _report(self, commit: Future[None]) -> None:
        error = commit.exception()
        if isinstance(error, DeepVIDError):  # the views keep their last good state
            self.schedule(partial(setattr, self, "notice", str(error)))
        elif error is not None:
            raise error

    def _resolve(self, gesture: Gesture) -> Mask:
        assert self.population is not None
        return self.population.resolve(gesture)

    def schedule(self, function: Callable[[], None]) -> None:
        """Runs a function soon on the document's own thread; may be called from any thread."""
        # Added from another thread while the document holds its events, a callback can be lost.
        self._loop.add_callback(self.document.add_next_tick_callback, function)

    def hold(self) -> AbstractContextManager[Any]:
        """Merges what is written inside into one message to the browser."""
        return pn.io.hold(self.document)


def _modified(store: Address) -> int | None:
    """When a run was last added to a store on this machine or taken away; else None."""
    try:
        return None if is_url(store) else Path(store).stat().st_mtime_ns
    except OSError:
        return None
