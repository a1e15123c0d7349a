"""That a second judge was asked is forgotten with the run."""

from pathlib import Path

import pytest
from micro_runs import MicroRuns
from sessions import Settle, in_session

from dashboards.session.session import Session
from dashboards.views.focus.view import FocusView

pytestmark = pytest.mark.long


def test_another_run_knows_nothing_of_what_was_asked_of_the_first(
    micro_runs: MicroRuns, tmp_path: Path
) -> None:
    def build(session: Session, settle: Settle) -> tuple[Session, FocusView, Settle]:
        return session, FocusView(session), settle

    async def work(built: tuple[Session, FocusView, Settle]) -> None:
        session, view, settle = built
        assert view.sample is not None
        view._ask_infill(view.sample)
        assert view.local_state().asked.infill == view.sample
        session.navigation.run = "another"
        await settle()
        assert view.local_state().asked.infill is None

    in_session(micro_runs.teacher().parent, "", build, work)
