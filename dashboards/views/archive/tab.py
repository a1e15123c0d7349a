"""The base of the tabs of the chosen run: a sheet to show, actions, and at most one long task."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from dashboards.data.runs import reader
from dashboards.kit.elements import Box, Child, Children, text
from dashboards.session.session import Session
from dashboards.session.work import Task
from dashboards.widgets.component import Nothing
from dashboards.widgets.work import WorkLine, work_line
from deepvid.errors import DeepVIDError
from deepvid.store import RunListing


class Sheet(NamedTuple):
    """A tab of one run."""

    title: str  # a sentence
    text: str = ""  # a paragraph below it
    children: Children = ()
    whole: bool | None = None  # whether the sentence is good news


class Tab(ABC):
    """One tab; `changed` draws it anew. A task goes on while another run is chosen, and says whose it is."""

    doing = ""  # "Verifying": what the task does, for its progress

    def __init__(self, session: Session, changed: Callable[[], None]) -> None:
        self.session, self.changed = session, changed
        self.task = Task(session.schedule, changed)
        session.on_end(self.close)

    @property
    def actions(self) -> Mapping[str, Callable[[RunListing, Any], None]]:
        """Calls of what its elements ask for, by name; each gets the chosen run."""
        return {}

    @abstractmethod
    def sheet(self, listing: RunListing) -> Sheet:
        """Its contents; may raise DeepVIDError, which is shown in their place."""

    def work(self) -> WorkLine | Nothing:
        """The task's progress; empty while it rests."""
        return work_line(f"{self.doing} {self.task.subject}", self.task.tick) if self.task.busy else {}

    def error(self, listing: RunListing) -> DeepVIDError | None:
        """The fault of the chosen run's task."""
        return self.task.error if self.task.subject == listing.id else None

    def close(self) -> None:
        """Stops what is under way; nobody is left to see it."""
        self.task.cancel()


def fault(error: DeepVIDError, title: str = "", *after: Child) -> Box:
    """The three parts of an error, each a sentence."""
    return fault_box(f"{error.must}.", f"Found: {error.found}.", f"{error.action}.", title=title, after=after)


def fault_box(*sentences: str, title: str = "", after: Children = ()) -> Box:
    """Sentences about a fault, under a title."""
    parts = (text(sentence, tag="p") for sentence in sentences)
    return Box((text(title, tag="b") if title else None, *parts, *after), look="fault", role="alert")


def run_of(listing: RunListing) -> Any:
    """The process-wide reader of a listed run."""
    return reader(listing.path)
