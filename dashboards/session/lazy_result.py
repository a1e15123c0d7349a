"""What a view requests to be computed: asked for once, and kept until it requests other things."""

from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

from dashboards.session.engine_task import EngineTask, TaskStatus
from dashboards.session.session import Session
from deepvid.engine.requests import Request

W = TypeVar("W", bound=Request)
A = TypeVar("A")


class Answer(NamedTuple, Generic[W, A]):
    """What came of a request."""

    request: W
    result: A


class ResultStatus(NamedTuple, Generic[W, A]):
    """How a request stands, as a view says it of itself to its `prepare`."""

    request: W | None  # the last one
    task: TaskStatus
    answer: Answer[W, A] | None  # the last one

    def result(self, request: W) -> A | None:
        """What came of this request; None where it is not here."""
        return self.answer.result if self.answer is not None and self.answer.request == request else None

    def given_up(self, request: W) -> bool:
        """Whether this request was cancelled or failed: nobody asks again but a person."""
        return self.request == request and not self.task.busy

    def error(self, request: W) -> str:
        """What went wrong with this request; empty: nothing."""
        return self.task.error if self.request == request else ""


class LazyResult(Generic[W, A]):
    """The requests of one view: the newest wins."""

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
