"""Long work of a session: reports, ends, is cancelled, and gives way to newer work."""

from collections.abc import Callable
from queue import Queue
from threading import Event

import pytest

from dashboards.session.work import Task
from deepvid.errors import StoreError
from deepvid.progress import Progress


class Loop:
    """The document's thread: runs what was scheduled, when asked to."""

    def __init__(self) -> None:
        self.waiting: Queue[Callable[[], None]] = Queue()
        self.changes = 0
        self.task = Task(self.waiting.put, self.changed)

    def changed(self) -> None:
        self.changes += 1

    def run(self) -> None:
        """Until the task rests."""
        while self.task.busy:
            self.waiting.get(timeout=10)()


def test_reports_and_hands_over_what_it_found() -> None:
    loop, arrived = Loop(), []

    def work(progress: Progress) -> str:
        progress.update(1, 4, "a file")
        return "done"

    loop.task.start("run-1", work, arrived.append)
    assert loop.task.busy
    loop.run()
    assert arrived == ["done"]
    assert (loop.task.subject, loop.task.error, loop.changes) == ("run-1", None, 3)  # began, 1 of 4, ended
    assert loop.task.tick is not None
    assert (loop.task.tick.done, loop.task.tick.message) == (1, "a file")


def test_a_failure_is_kept_until_the_next_start() -> None:
    loop = Loop()

    def fail(progress: Progress) -> None:
        raise StoreError("must", "found", "do")

    loop.task.start("run-1", fail, lambda _: pytest.fail("nothing arrives"))
    loop.run()
    assert str(loop.task.error) == "must. Found: found. do."
    loop.task.start("run-1", lambda progress: None, lambda _: None)
    assert loop.task.error is None
    loop.run()


def test_an_unforeseen_failure_has_three_parts_too(caplog: pytest.LogCaptureFixture) -> None:
    loop = Loop()
    loop.task.start("run-1", lambda progress: 1 / 0, lambda _: None)
    loop.run()
    assert loop.task.error is not None
    assert loop.task.error.found == "ZeroDivisionError: division by zero"
    assert "ZeroDivisionError" in caplog.text  # with its traceback, for who runs the server


def endless(progress: Progress) -> None:
    while True:
        progress.check()
        Event().wait(0.005)


def test_a_cancelled_task_is_no_failure() -> None:
    loop = Loop()
    loop.task.start("run-1", endless, lambda _: pytest.fail("nothing arrives"))
    loop.task.cancel()
    loop.run()
    assert loop.task.error is None


def test_nothing_more_is_heard_of_an_older_task() -> None:
    loop, arrived = Loop(), []
    loop.task.start("old", endless, arrived.append)
    loop.task.start("new", lambda progress: "new", arrived.append)
    loop.run()
    assert (arrived, loop.task.subject) == (["new"], "new")
    assert loop.task.error is None
