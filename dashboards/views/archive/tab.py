"""What the tabs of the chosen run have in common: a card to show, actions, and at most one long task."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, NotRequired, TypedDict

from dashboards.data.runs import reader
from dashboards.session.session import Session
from dashboards.session.work import Task
from dashboards.widgets.component import Nothing
from dashboards.widgets.work import Fault, WorkLine, work_line
from deepvid.errors import DeepVIDError
from deepvid.store import RunListing


class Card(TypedDict):
    """What every tab shows; the card of one tab has more."""

    title: str  # a sentence
    text: NotRequired[str]  # a paragraph below it


class Tab(ABC):
    """One tab; `changed` draws it anew. A task goes on while another run is chosen, and says whose it is."""

    doing = ""  # "Verifying": what the task does, for its progress

    def __init__(self, session: Session, changed: Callable[[], None]) -> None:
        self.session, self.changed = session, changed
        self.task = Task(session.schedule, changed)
        session.on_end(self.close)

    @property
    def actions(self) -> Mapping[str, Callable[[RunListing, Any], None]]:
        """What the browser may ask for, by name; each gets the chosen run."""
        return {}

    @abstractmethod
    def card(self, listing: RunListing) -> Card:
        """What is shown; may raise DeepVIDError, which is shown in its place."""

    def work(self) -> WorkLine | Nothing:
        """The task's progress; empty while it rests."""
        return progress(f"{self.doing} {self.task.subject}", self.task) if self.task.busy else {}

    def fault(self, listing: RunListing) -> Fault | Nothing:
        """What went wrong with the chosen run's task; empty where nothing did."""
        return fault(self.task.error) if self.task.error and self.task.subject == listing.id else {}

    def close(self) -> None:
        """Stops what is under way; nobody is left to see it."""
        self.task.cancel()


def progress(text: str, task: Task) -> WorkLine:
    """How far a task is, by its last report."""
    return work_line(text, task.tick)


def fault(error: DeepVIDError) -> Fault:
    """The three parts, each a sentence."""
    return {"must": f"{error.must}.", "found": f"Found: {error.found}.", "action": f"{error.action}."}


def run_of(listing: RunListing) -> Any:
    """The process-wide reader of a listed run."""
    return reader(listing.path)
