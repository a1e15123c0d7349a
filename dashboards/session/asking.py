"""Asking the engine while a person waits: progress, cancel, newest wins, refusal, error."""

from collections.abc import Callable
from functools import cache
from typing import Any

from dashboards.session.session import Session
from dashboards.session.work import Work
from deepvid.engine.client import Engine, connect
from deepvid.engine.requests import Request


@cache
def engine() -> Engine:
    """The process-wide engine."""
    return connect()


class Asking(Work):
    """One kind of question of one session. `busy`, `tick`, `subject` and `error` are those of the last."""

    def __init__(self, session: Session, changed: Callable[[], None]) -> None:
        super().__init__(session.schedule, changed)
        self._session = session
        session.on_end(self.cancel)

    @property
    def refusal(self) -> str:
        """Why nothing can be asked, for a disabled control; empty where it can."""
        return engine().refusal or ""

    def ask(self, subject: str, request: Request, arrived: Callable[[Any], None]) -> None:
        """Returns at once; `arrived(answer)` is called on the document's thread."""
        self.follow(subject, engine().submit(request, session=str(id(self._session))), arrived)
