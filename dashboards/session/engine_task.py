"""Questions to the engine while a person waits: progress, cancel, newest wins, error."""

from collections.abc import Callable
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

import xarray as xr

from dashboards.data.writable import store_refusal
from dashboards.session import computing
from dashboards.session.notes import write_note
from dashboards.session.session import Session
from dashboards.session.view import View
from dashboards.session.work import Work
from dashboards.widgets.work import work_line
from deepvid import config
from deepvid.engine.client import Job
from deepvid.engine.requests import FitStudent, Request
from deepvid.progress import Tick
from deepvid.store import Run, keep_student


class TaskStatus(NamedTuple):
    """State of the last question, as a view hands it to its `prepare`."""

    busy: bool = False
    subject: str = ""  # what it was asked about
    tick: Tick | None = None  # the last report of the work that is under way
    error: str = ""  # what came of it, where it failed

    def about(self, subject: str) -> "TaskStatus":
        """How it stands with this subject: it rests where another was asked about."""
        return self if self.subject == subject else TaskStatus()


class EngineTask(Work):
    """Questions of one kind in one session, with the state of the last; `needs.ENGINE` says if any can be."""

    def __init__(self, session: Session, changed: Callable[[], None], *, of: str = "") -> None:
        """`of` tells the questions of two images apart, so that neither cancels the other's."""
        super().__init__(session.schedule, changed)
        self._session, self._name = session, f"{id(session)} {of}"
        session.on_end(self.cancel)

    @property
    def status(self) -> TaskStatus:
        """How the last question stands."""
        return TaskStatus(self.busy, self.subject, self.tick, str(self.error or ""))

    def ask(
        self,
        subject: str,
        request: Request,
        arrived: Callable[[Any], None],
        keep: Callable[[Any], None] | None = None,
    ) -> None:
        """Returns at once; `arrived(answer)` is called on the document's thread.

        `keep(answer)` is called in the thread that writes notes, also when a newer question has taken its
        place or the page is gone; what it raises is the session's fault.
        """
        job = computing.engine().submit(request, session=self._name)
        if keep is not None:
            job.add_done_callback(partial(self._keep, keep))
        self.follow(subject, job, arrived)

    def _keep(self, keep: Callable[[Any], None], job: Job) -> None:
        try:
            answer = job.result()
        except Exception:
            return  # `arrived` is told
        write_note(partial(keep, answer), self._session.schedule, self._kept)

    def _kept(self, error: BaseException | None) -> None:
        if error is not None:
            self._session.fault(error)


W = TypeVar("W", bound=Request)
A = TypeVar("A")


class Answer(NamedTuple, Generic[W, A]):
    """A request and its result."""

    request: W
    result: A


class ResultStatus(NamedTuple, Generic[W, A]):
    """State of a view's last request, as it hands it to its `prepare`."""

    request: W | None  # the last one
    task: TaskStatus
    answer: Answer[W, A] | None  # the last one

    def result(self, request: W) -> A | None:
        """Result of this request; None where it is not here."""
        return self.answer.result if self.answer is not None and self.answer.request == request else None

    def given_up(self, request: W) -> bool:
        """Whether this request was cancelled or failed: nobody asks again but a person."""
        return self.request == request and not self.task.busy

    def error(self, request: W) -> str:
        """Words for the fault of this request; empty: it has none."""
        return self.task.error if self.request == request else ""


class LazyResult(Generic[W, A]):
    """Results that a view requests once, and keeps until it requests others: the newest wins."""

    def __init__(self, session: Session, changed: Callable[[], None], *, of: str) -> None:
        """`changed` is called whenever the work has something to tell; `of` as `EngineTask` has it."""
        self._asking = EngineTask(session, changed, of=of)
        self._request: W | None = None
        self.answer: Answer[W, A] | None = None

    @property
    def status(self) -> ResultStatus[W, A]:
        """How it stands now."""
        return ResultStatus(self._request, self._asking.status, self.answer)

    @property
    def task(self) -> TaskStatus:
        """How the work for the last request stands."""
        return self._asking.status

    def follow(self, request: W | None) -> None:
        """Asks for another request than the last; None: nothing is asked any more."""
        if request is None and self._asking.busy:
            self.forget()  # nobody gave it up: it is asked for when it is wanted again
        if request is None or request != self._request:
            self._asking.cancel()
        if request is not None and request != self._request:
            self._ask(request)

    def again(self, about: Any, shown: Any) -> bool:
        """Asks again for the last request, where it is about this and that is `shown`; says if it did."""
        request = self._request
        if request is None or self._asking.busy or not about == shown == request.about:
            return False
        self._ask(request)
        return True

    def forget(self) -> None:
        """The last request is as if it had not been."""
        self._request = None

    def cancel(self) -> None:
        """Gives up what is under way."""
        self._asking.cancel()

    def _ask(self, request: W) -> None:
        def arrived(found: A) -> None:
            self.answer = Answer(request, found)

        self._request = request
        self._asking.ask(request.subject, request, arrived)


class FitTask(EngineTask):
    """Fits students for any view: shown where their image is, and kept in the run's notes if possible."""

    def fit(
        self, run: Run, sample: int, settings: config.Students, then: Callable[[], None] | None = None
    ) -> None:
        """Returns at once; `then()` is called when the student is there, maybe while another run is open."""
        request = FitStudent(run.address, sample, settings, int(run.config.get("seed", 0)))
        keep = None if unkept(self._session) else partial(keep_student, run)

        def arrived(batch: xr.Dataset) -> None:
            self._session.take_student(run, batch)
            if then is not None:
                then()

        self.ask(f"#{sample}", request, arrived, keep)


def unkept(session: Session) -> str:
    """Why a student that is fitted stays in this page; empty where its run keeps it."""
    only_read = session.run is None or session.run.read_only
    refusal = "The run is only read." if only_read else store_refusal(session.store)
    return f"It stays in this page. {refusal}" if refusal else ""


def tell_work(view: View, widget: Any, doing: str, asked: TaskStatus) -> None:
    """The work has told something: only the `work` of the widget moves, until it ends and all is drawn."""
    before = bool(widget.work)
    with view.session.hold():
        widget.work = work_line(doing, asked.tick) if asked.busy else {}
        if before and not asked.busy:
            view.redraw()
