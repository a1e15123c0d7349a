"""The only door from a dashboard to computation. Finds what computes at run time and imports none of it."""

import importlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import Any, Protocol

from deepvid.engine.job import Handler, Job
from deepvid.engine.requests import Request
from deepvid.errors import DeepVIDError, MissingExtraError
from deepvid.newest import Newest
from deepvid.progress import Progress

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


class ThreadEngine:
    """One job computes at a time: JAX uses every core for it, and two at once would both be slower."""

    def __init__(self, handlers: Callable[[], Mapping[type[Request], Handler]] = find_handlers) -> None:
        self._handlers = handlers
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="engine")
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
        self._executor.submit(lambda: job.run(self._answer))
        return job

    def close(self) -> None:
        """Cancels all jobs; the one that runs stops at its next report."""
        self._newest.cancel_all()
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _answer(self, request: Request, progress: Progress) -> Any:
        # Asked for here, in the computing thread: the first job pays for importing JAX, no page ever does.
        return self._handlers()[type(request)](request, progress)


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
