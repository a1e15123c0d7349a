"""Looking at a run that may be growing: a few `stat` a second, more only when something was committed."""

import logging

from dashboards.session.failing import explained
from dashboards.session.run_controller import RunController
from dashboards.session.workspace import Workspace
from deepvid.errors import DeepVIDError
from deepvid.store import Run, is_url


class RunPoller:
    """What one session saw when it looked last."""

    def __init__(self, session: Workspace, opening: RunController) -> None:
        self._session, self._opening = session, opening
        self._trouble = ""  # what the last look at the run met

    def look(self) -> None:
        """Lists the store's runs anew where it changed, and reads what the open run has committed since."""
        try:
            self._look()
        except Exception as error:
            self._tell(str(explained(error)), error)
        else:
            self._tell("")

    def _look(self) -> None:
        session = self._session
        changed = session.listing.changed
        if changed:
            with session.hold():
                session.list_runs()
        resting = self._opening.failure is not None and session.listing.newest  # it would fail again
        if session.run is not None:
            self._look_at(session.run)
        elif (changed or not resting) and not is_url(session.store):
            with session.hold():  # a listing far away is asked for by a person, not by a clock
                session.list_runs()
                session.navigation.run = session.listing.newest or session.navigation.run

    def _look_at(self, run: Run) -> None:
        session = self._session
        try:
            run.poll()
            status = run.status()
        except FileNotFoundError:
            self._opening.removed(run)
            return
        with session.hold():
            session.marks.look()
            session.named_selections.look()
        grown = len(run.commits) != self._opening.commits
        if grown or status != session.status:
            with session.hold():
                session.status = status
                if grown:
                    session.list_runs()
                    self._opening.grow(run)

    def _tell(self, trouble: str, error: Exception | None = None) -> None:
        """Says once what keeps the run from being read; when that is over, the views read again."""
        session = self._session
        before, self._trouble = self._trouble, trouble
        if trouble == before:
            return
        if error is not None and not isinstance(error, DeepVIDError):
            logging.getLogger(__name__).error("A look at the store failed", exc_info=error)
        with session.hold():
            if self._opening.failure is None and (trouble or session.notice == before):
                session.notice = trouble  # a page that shows no run says it itself
            if not trouble:
                session.version += 1
                session.refresh()
