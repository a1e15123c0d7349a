"""Asking the engine while a person waits: progress, cancel, newest wins, error."""

from collections.abc import Callable
from typing import Any, NamedTuple

from dashboards.session import computing
from dashboards.session.session import Session
from dashboards.session.work import Work
from deepvid.engine.requests import Request


class Asked(NamedTuple):
    """How the last question stands, as a view says it of itself to its `prepare`."""

    busy: bool = False
    said: str = ""  # by the work that is under way
    error: str = ""  # what came of it, where it failed


class Asking(Work):
    """One kind of question of one session. `busy`, `tick`, `subject` and `error` are those of the last.

    Whether anything can be asked is a need like another: `needs.ENGINE`.
    """

    def __init__(self, session: Session, changed: Callable[[], None]) -> None:
        super().__init__(session.schedule, changed)
        self._session = session
        session.on_end(self.cancel)

    @property
    def asked(self) -> Asked:
        """How the last question stands."""
        return Asked(self.busy, self.tick.message if self.tick else "", str(self.error or ""))

    def ask(self, subject: str, request: Request, arrived: Callable[[Any], None]) -> None:
        """Returns at once; `arrived(answer)` is called on the document's thread."""
        self.follow(subject, computing.engine().submit(request, session=str(id(self._session))), arrived)
