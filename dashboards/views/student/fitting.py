"""Fitting one student while a person waits, through the engine; says so where there is none."""

from collections.abc import Callable
from functools import cache
from typing import Any

from dashboards.session.session import Session
from deepvid import config
from deepvid.engine.client import Engine, Job, connect
from deepvid.engine.requests import FitStudent
from deepvid.errors import DeepVIDError


@cache
def engine() -> Engine:
    """The process-wide engine."""
    return connect()


class Fitting:
    """At most one job of a session; `arrived(batch)` and `changed()` are called on the document's thread."""

    def __init__(self, session: Session, arrived: Callable[[Any], None], changed: Callable[[], None]) -> None:
        self._session, self._arrived, self._changed = session, arrived, changed
        self._job: Job | None = None
        self._failure = ""

    @property
    def busy(self) -> bool:
        """Whether a fit is under way."""
        return self._job is not None

    def start(self, sample: int) -> None:
        """Asks for the student of a sample, with the run's own settings."""
        run = self._session.run
        assert run is not None
        settings = config.Students.model_validate(run.config.get("students", {}))
        request = FitStudent(run.address, sample, settings, int(run.config.get("seed", 0)))
        self._failure = ""
        self._job = job = engine().submit(request, session=str(id(self._session)))
        job.add_done_callback(lambda done: self._session.schedule(lambda: self._end(done)))

    def offer(self) -> dict[str, Any]:
        """What the card says while there is no student."""
        if self._job is not None:
            tick = self._job.tick
            return {
                "text": (tick and tick.message) or "Fitting a student around it …",
                "action": "Fitting …",
                "busy": True,
            }
        run = self._session.run
        if engine().refusal:
            return {"text": "None can be fitted here.", "action": "Fit now", "refusal": engine().refusal}
        text = "It can be fitted now, in this page, or from the command line, which keeps it in the run."
        if run is not None and run.read_only:
            text = "It can be fitted now and stays in this page, for the run is only read."
        return {"text": text, "action": "Fit now", "error": self._failure}

    def _end(self, job: Job) -> None:
        if job is not self._job:
            return  # a newer one has taken its place
        self._job = None
        try:
            self._arrived(job.result())
        except DeepVIDError as error:
            self._failure = str(error)
            self._changed()
