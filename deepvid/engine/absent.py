"""The engine of an installation without JAX: every request is refused with the reason."""

from deepvid.engine.job import Job
from deepvid.engine.requests import Request
from deepvid.errors import MissingExtraError


class AbsentEngine:
    """Refuses, so that a page can show its controls disabled and say why."""

    def __init__(self, module: str) -> None:
        self._error = MissingExtraError.of("Computing an answer", "compute", module)

    @property
    def refusal(self) -> str | None:
        """What is missing and how to install it."""
        return str(self._error)

    def submit(self, request: Request, *, session: str = "") -> Job:
        """A job that is done and whose result is the refusal."""
        job = Job(request)
        job.refuse(self._error)
        return job

    def close(self) -> None:
        """Nothing is under way, ever."""
