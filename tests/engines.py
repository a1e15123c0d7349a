"""An engine that answers when a test says so; the real one answers in tests/browser/test_real_run.py."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from dashboards.session import computing
from deepvid.engine.client import Job
from deepvid.errors import UserError
from deepvid.progress import Progress


class HeldEngine:
    """Tells that it is `doing` something until `go` is set, then gives `answer(request)`, or fails."""

    refusal = None

    def __init__(self, answer: Callable[[Any], Any], doing: str) -> None:
        self._answer, self._doing = answer, doing
        self.go, self.fails = Event(), False
        self.asked: list[Any] = []
        self.sessions: list[str] = []  # of each that was asked

    def submit(self, request: Any, *, session: str = "") -> Job:
        def wait(request: Any, progress: Progress) -> Any:
            while not self.go.wait(0.05):
                progress.update(1, 4, self._doing)
            if self.fails:
                raise UserError("It is computed", "the models are gone", "Bring them back")
            return self._answer(request)

        job = Job(request)
        self.asked.append(request)
        self.sessions.append(session)
        Thread(target=job.run, args=[wait], daemon=True).start()
        return job


@contextmanager
def held(
    monkeypatch: pytest.MonkeyPatch, answer: Callable[[Any], Any], doing: str, *, go: bool
) -> Iterator[HeldEngine]:
    """That engine in the place of the process's own; it goes at once with `go`, and at the end."""
    engine = HeldEngine(answer, doing)
    if go:
        engine.go.set()
    monkeypatch.setattr(computing, "engine", lambda: engine)
    yield engine
    engine.go.set()


def cancel_and_begin_again(card: Locator, engine: HeldEngine, doing: str, action: str) -> None:
    """Clicks of a person who gives up, begins again while the models are gone, and then once more."""
    expect(card.locator(".work")).to_contain_text(doing)
    card.get_by_role("button", name="Cancel").click()
    again = card.get_by_role("button", name=action)
    expect(again).to_be_visible()
    engine.fails = True
    engine.go.set()
    again.click()
    expect(card.locator(".warning")).to_contain_text("the models are gone")
    engine.fails = False
    again.click()
