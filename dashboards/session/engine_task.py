"""Asking the engine while a person waits: progress, cancel, newest wins, error."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from dashboards.session import computing
from dashboards.session.session import Session
from dashboards.session.work import Work
from deepvid.engine.client import Job
from deepvid.engine.requests import Request
from deepvid.progress import Tick


class TaskStatus(NamedTuple):
    """How the last question stands, as a view says it of itself to its `prepare`."""

    busy: bool = False
    subject: str = ""  # what it was asked about
    tick: Tick | None = None  # the last report of the work that is under way
    error: str = ""  # what came of it, where it failed

    def about(self, subject: str) -> "TaskStatus":
        """How it stands with this subject: it rests where another was asked about."""
        return self if self.subject == subject else TaskStatus()


class EngineTask(Work):
    """One kind of question of one session. `busy`, `tick`, `subject` and `error` are those of the last.

    Whether anything can be asked is a need like another: `needs.ENGINE`.
    """

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

        `keep(answer)` is called before it in the job's own thread, also when a newer question has taken its
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
        try:
            keep(answer)
        except Exception as error:
            self._session.schedule(partial(self._session.fault, error))
