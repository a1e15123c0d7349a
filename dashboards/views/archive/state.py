"""State of the Archive page: the run it is about, what it shows of it, and the run beside it."""

import param

from dashboards.session.session import Session
from dashboards.session.state import PageState

NAME = "archive"


class ArchiveState(PageState):
    """The run chosen here need not be the one that is open: reading how a run was made takes no selection
    away.
    """

    chosen: str = param.String("", doc="id of the run chosen; empty: the run that is open")  # type: ignore[assignment]
    tab: str = param.Selector(default="", objects=[""], doc="open one of those that the page has")  # type: ignore[assignment]
    other: str = param.String("", doc="id of the run it is compared with")  # type: ignore[assignment]

    def to_query(self) -> dict[str, str]:
        """Nothing is compared on other tabs."""
        query = super().to_query()
        return query if self.tab == "compare" else {name: query[name] for name in query if name != "other"}

    def left(self, run_id: str, opened: str) -> None:
        """Asks nothing about a run that is gone."""
        if (self.chosen or opened) == run_id:
            self.tab = self.param["tab"].default
        if self.chosen == run_id:
            self.chosen = ""
        if self.other == run_id:
            self.other = ""


def choose(session: Session, run_id: str) -> None:
    """Chooses the run that the page is about."""
    archive_state(session).chosen = "" if run_id == session.navigation.run else run_id


def archive_state(session: Session) -> ArchiveState:
    """The page's state in a session."""
    state = session.pages[NAME]
    assert isinstance(state, ArchiveState)
    return state
