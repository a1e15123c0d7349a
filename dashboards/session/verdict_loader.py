"""Trust in a run's students, read in a thread: a session waits a moment for it, then shows what it has."""

from concurrent.futures import Future, wait
from typing import TYPE_CHECKING

from dashboards.data.population import population
from dashboards.data.trust import behind, judge
from dashboards.session.task import EXECUTOR
from deepvid.store import Run

if TYPE_CHECKING:
    from dashboards.session.session import Session

PATIENCE = 0.5  # s that opening a run takes at most for its page to begin with what is explained


class VerdictLoader:
    """At most one reading at a time; what a run has grown by meanwhile is read next."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._reading: Future[None] | None = None

    def begin(self, run: Run, patience: float = 0.0) -> None:
        """Reads what was not read yet. Waits so many seconds; later, the session takes it by itself."""
        if self._reading is not None or not behind(run):
            return
        self._reading = EXECUTOR.submit(judge, run)
        wait([self._reading], patience)
        self._reading.add_done_callback(lambda _: self._session.schedule(self._end))

    def _end(self) -> None:
        self._reading = None
        session = self._session
        if session.run is None:
            return
        if (table := population(session.run)) is not session.population:
            session.opening.judged(table)
        self.begin(session.run)
