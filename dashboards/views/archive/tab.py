"""What the tabs of the chosen run have in common: a card to show, actions, and at most one long task."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, NotRequired, TypedDict

from dashboards.data import wording
from dashboards.data.runs import reader
from dashboards.session.session import Session
from dashboards.session.task import Task
from dashboards.widgets.component import Nothing
from dashboards.widgets.work import Fault, WorkLine
from deepvid.errors import DeepVIDError
from deepvid.progress import Tick
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
    tick = task.tick
    if tick is None:
        return {"text": text, "detail": "", "share": None, "end": ""}
    return {"text": text, "detail": tick.message, "share": _share(tick), "end": _end(tick)}


def fault(error: DeepVIDError) -> Fault:
    """The three parts, each a sentence."""
    return {"must": f"{error.must}.", "found": f"Found: {error.found}.", "action": f"{error.action}."}


def run_of(listing: RunListing) -> Any:
    """The process-wide reader of a listed run."""
    return reader(listing.path)


def _share(tick: Tick) -> float | None:
    return min(1.0, tick.done / tick.total) if tick.total else None


def _end(tick: Tick) -> str:
    return "" if tick.remaining is None else f"{wording.duration(tick.remaining)} left"
