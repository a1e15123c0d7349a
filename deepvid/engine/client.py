"""The only door from a dashboard to computation. Finds what computes at run time and imports none of it."""

from importlib.util import find_spec
from typing import Protocol

from deepvid.engine.job import Job
from deepvid.engine.requests import Request
from deepvid.engine.threads import ThreadEngine
from deepvid.errors import DeepVIDError, MissingExtraError

__all__ = ["AbsentEngine", "Engine", "Job", "RefusingEngine", "ThreadEngine", "connect"]


class Engine(Protocol):
    """The contract of all engines; `tests/contracts/test_engine.py` holds for each."""

    @property
    def refusal(self) -> str | None:
        """Why nothing can be computed, as a sentence for a disabled control; None when all is well."""

    def submit(self, request: Request, *, session: str = "") -> Job:
        """Starts on a request and returns at once. Cancels the session's older job of the same kind."""

    def close(self) -> None:
        """Cancels what is under way and takes no more requests."""


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
