"""The only door from a dashboard to computation: jobs, and engines that find at run time what computes."""

import importlib
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from threading import Condition, Event
from typing import Any, Protocol

from deepvid.engine.requests import Request
from deepvid.errors import Cancelled, DeepVIDError, MissingExtraError
from deepvid.newest import Newest
from deepvid.progress import Progress, Tick

Handler = Callable[[Any, Progress], Any]


class Job:
    """An answer that is being computed. `tick` is the latest report, None before the first.

    `request` is whatever the handler understands: a `Request` of the engine's, or a function to call.
    """

    def __init__(self, request: Any) -> None:
        self.request = request
        self.tick: Tick | None = None
        self._heard: list[Callable[[Tick], None]] = []
        self._cancel = Event()
        self._future: Future[Any] = Future()

    def run(self, handler: Handler, progress: Callable[..., Progress] = Progress) -> None:
        """Computes the answer in the calling thread, unless the job was cancelled while it waited.

        `progress(emit, cancel)` makes what it reports to.
        """
        if not self._future.set_running_or_notify_cancel():
            return
        try:
            with progress(self._report, self._cancel).active() as active:
                answer = handler(self.request, active)
        except Exception as error:
            self._future.set_exception(error)
        except BaseException as error:  # it ends this thread, and must not end the one that waits
            self._future.set_exception(_ended(error))
            raise
        else:
            self._future.set_result(answer)

    def refuse(self, error: Exception) -> None:
        """Ends the job with `error` before it began."""
        self._future.set_exception(error)

    def cancel(self) -> None:
        """Asks to stop: at once while the job waits, at its next report once it runs."""
        self._cancel.set()
        self._future.cancel()

    def done(self) -> bool:
        """True when `result` will not wait."""
        return self._future.done()

    def result(self, timeout: float | None = None) -> Any:
        """The answer, waited for. Raises what the handler raised, `Cancelled`, or `TimeoutError`."""
        try:
            return self._future.result(timeout)
        except CancelledError as error:
            raise Cancelled from error

    def add_done_callback(self, callback: Callable[["Job"], Any]) -> None:
        """Calls `callback(job)` once it is done, in whatever thread ends it (at once if it is done)."""
        self._future.add_done_callback(lambda _: callback(self))

    def add_tick_callback(self, callback: Callable[[Tick], None]) -> None:
        """Calls `callback(tick)` for every report from now on, in the thread that computes."""
        self._heard.append(callback)

    def _report(self, tick: Tick) -> None:
        self.tick = tick
        for callback in self._heard:
            callback(tick)


def _ended(error: BaseException) -> DeepVIDError:
    return DeepVIDError(
        "A computing thread lives until it has answered",
        f"it was ended by {type(error).__name__}{f': {error}' if str(error) else ''}",
        "Ask again: a new thread takes over",
    )


__all__ = ["AbsentEngine", "Engine", "Job", "RefusingEngine", "ThreadEngine", "connect"]


def find_handlers() -> Mapping[type[Request], Handler]:
    """The table from request to handler, found by name: no import chain leads from a page to JAX."""
    handlers: Mapping[type[Request], Handler] = importlib.import_module("deepvid.engine.handlers").HANDLERS
    return handlers


class Engine(Protocol):
    """The contract of all engines; `tests/contracts/test_engine.py` holds for each."""

    @property
    def refusal(self) -> str | None:
        """Why nothing can be computed, as a sentence for a disabled control; None when all is well."""

    def submit(self, request: Request, *, session: str = "") -> Job:
        """Starts on a request and returns at once. Cancels the session's older job of the same kind."""

    def close(self) -> None:
        """Cancels what is under way and takes no more requests."""


SHORT = 32  # short requests under way at most; all but one wait for their turn, or for another process
PATIENCE = 2.0  # s that a long request lets short ones pass at each of its reports


class ThreadEngine:
    """One short request computes at a time: JAX uses every core for it, and two at once would both be slower.

    One that waits for another process, as for a model from a file, lets others compute; a patient one lets
    those that wait go first at each of its reports. A long request computes beside the short ones, and rests
    at its reports as long as one of them is under way.
    """

    def __init__(self, handlers: Callable[[], Mapping[type[Request], Handler]] = find_handlers) -> None:
        self._handlers = handlers
        self._turns = _Turns()
        self._short = ThreadPoolExecutor(SHORT, "engine")
        self._long = ThreadPoolExecutor(1, "engine-long")
        self._newest = Newest(Job.cancel)

    @property
    def refusal(self) -> str | None:
        """None: it computes."""
        return None

    def submit(self, request: Request, *, session: str = "") -> Job:
        """Lines the request up; the session's older job of the same kind is cancelled."""
        job = Job(request)
        self._newest.take(job, (session, type(request)))
        job.add_done_callback(self._newest.leave)
        executor, begin = (self._long, self._begin_long) if request.long else (self._short, self._begin)
        executor.submit(begin, job)
        return job

    def close(self) -> None:
        """Cancels all jobs; those that run stop at their next report."""
        self._newest.cancel_all()
        for executor in (self._short, self._long):
            executor.shutdown(wait=False, cancel_futures=True)

    def _begin(self, job: Job) -> None:
        with self._turns.taken() as turn:
            job.run(self._answer, partial(_Patient if job.request.patient else _Short, turn))

    def _begin_long(self, job: Job) -> None:
        job.run(self._answer, partial(_Long, self._turns))

    def _answer(self, request: Request, progress: Progress) -> Any:
        # Asked for here, in the computing thread: the first job pays for importing JAX, no page ever does.
        return self._handlers()[type(request)](request, progress)


class _Turns:
    """Who may compute: one at a time, in the order of asking."""

    def __init__(self) -> None:
        self._line: deque[_Turn] = deque()  # the first computes
        self._changed = Condition()

    @contextmanager
    def taken(self) -> Iterator["_Turn"]:
        turn = _Turn(self)
        turn.take()
        try:
            yield turn
        finally:
            turn.leave()

    def let_pass(self, check: Callable[[], None]) -> None:
        """Waits until nobody computes, or long enough."""
        end = time.monotonic() + PATIENCE
        with self._changed:
            while self._line and time.monotonic() < end:
                self._changed.wait(0.1)
                check()


class _Turn:
    """The turn of one job."""

    def __init__(self, turns: _Turns) -> None:
        self._line, self._changed = turns._line, turns._changed

    def take(self) -> None:
        with self._changed:
            self._line.append(self)
            self._changed.wait_for(lambda: self._line[0] is self)

    def leave(self) -> None:
        with self._changed:
            self._line.remove(self)
            self._changed.notify_all()

    def give_way(self) -> None:
        """Lets all who wait by now go first; nothing while it is left."""
        with self._changed:
            if self in self._line and len(self._line) > 1:
                self.leave()
                self.take()


class _Short(Progress):
    def __init__(self, turn: _Turn, *told: Any) -> None:
        super().__init__(*told)
        self._turn = turn

    @contextmanager
    def outside(self) -> Iterator[None]:
        self._turn.leave()
        try:
            yield
        finally:
            self._turn.take()


class _Patient(_Short):
    def check(self) -> None:
        self._turn.give_way()
        super().check()


class _Long(Progress):
    def __init__(self, turns: _Turns, *told: Any) -> None:
        super().__init__(*told)
        self._turns = turns

    def check(self) -> None:
        super().check()
        self._turns.let_pass(super().check)


class RefusingEngine:
    """Refuses, so that a page can show its controls disabled and say why."""

    def __init__(self, error: DeepVIDError) -> None:
        self._error = error

    @property
    def refusal(self) -> str | None:
        """Why, and what to do."""
        return str(self._error)

    def submit(self, request: Request, *, session: str = "") -> Job:
        """A job that is done and whose result is the refusal."""
        job = Job(request)
        job.refuse(self._error)
        return job

    def close(self) -> None:
        """Nothing is under way, ever."""


class AbsentEngine(RefusingEngine):
    """Of an installation without JAX."""

    def __init__(self, module: str) -> None:
        super().__init__(MissingExtraError.of("Computing an answer", "compute", module))


def connect() -> Engine:
    """Threads of this process where JAX is installed; otherwise an engine that says what is missing."""
    if find_spec("jax") is None:
        return AbsentEngine("jax")
    return ThreadEngine()
