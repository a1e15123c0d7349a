"""Looking at a run that may be growing: a few `stat` a second, more only when something was committed."""

from typing import TYPE_CHECKING

from deepvid.errors import DeepVIDError
from deepvid.store import Run, is_url

if TYPE_CHECKING:
    from dashboards.session.session import Session


class Polling:
    """What one session saw when it looked last."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._trouble = ""  # what the last look at the run met

    def look(self) -> None:
        """Lists the store's runs anew where it changed, and reads what the open run has committed since."""
        session = self._session
        if session.listing.changed:
            with session.hold():
                session.list_runs()
        if session.run is None:
            if not is_url(session.store):  # a listing far away is asked for by a person, not by a clock
                with session.hold():
                    session.navigation.run = session.opening.resolve("")
            return
        try:
            self._look_at(session.run)
        except FileNotFoundError:
            session.opening.removed(session.run)
        except (DeepVIDError, OSError) as error:
            self._tell(str(error))
        else:
            self._tell("")

    def _look_at(self, run: Run) -> None:
        session = self._session
        run.poll()
        status = run.status()
        grown = len(run.commits) != session.opening.commits
        if grown or status != session.status:
            with session.hold():
                session.status = status
                if grown:
                    session.list_runs()
                    session.opening.grow(run)

    def _tell(self, trouble: str) -> None:
        """Says once what keeps the run from being read; when that is over, the views read again."""
        session = self._session
        before, self._trouble = self._trouble, trouble
        if trouble == before:
            return
        with session.hold():
            if trouble or session.notice == before:
                session.notice = trouble
            if not trouble:
                session.version += 1
                session.refresh()
