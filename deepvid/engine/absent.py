"""Engines that compute nothing: every request is refused with the reason."""

from deepvid.engine.job import Job
from deepvid.engine.requests import Request
from deepvid.errors import DeepVIDError, MissingExtraError


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
