"""Long work of one session, off its document's thread: reported while it runs, and cancellable."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event
from typing import TypeVar

from deepvid.errors import Cancelled, DeepVIDError
from deepvid.progress import Progress, Tick

T = TypeVar("T")
PERIOD = 0.1  # s between two reports to a page

# Not the threads that prepare what a gesture shows: a lasso never waits for an archive.
EXECUTOR = ThreadPoolExecutor(4, thread_name_prefix="deepvid-task")


class Task:
    """At most one piece of work at a time; a newer one cancels the older, of which nothing more is heard.

    `schedule` runs a function soon on the document's thread; `changed` is called there after every report
    and at the end, and may read `tick`, `busy`, `subject` and `error`.
    """

    def __init__(self, schedule: Callable[[Callable[[], None]], None], changed: Callable[[], None]) -> None:
        self._schedule, self._changed = schedule, changed
        self._cancel = Event()
        self.busy = False
        self.subject = ""  # what the work is about: the id of a run
        self.tick: Tick | None = None
        self.error: DeepVIDError | None = None

    def start(self, subject: str, work: Callable[[Progress], T], arrived: Callable[[T], None]) -> None:
        """Begins, and returns at once; `arrived(result)` is called on the document's thread."""
        self.cancel()
        self._cancel = cancel = Event()
        self.busy, self.subject, self.tick, self.error = True, subject, None, None
        EXECUTOR.submit(self._run, cancel, work, arrived)
        self._changed()

    def cancel(self) -> None:
        """Asks the work to stop at its next report."""
        self._cancel.set()

    def _run(self, cancel: Event, work: Callable[[Progress], T], arrived: Callable[[T], None]) -> None:
        following = 0.0

        def emit(tick: Tick) -> None:
            nonlocal following
            if (now := time.monotonic()) >= following:
                following = now + PERIOD
                self._schedule(partial(self._report, cancel, tick))

        try:
            result = work(Progress(emit, cancel))
        except Exception as error:
            self._schedule(partial(self._fail, cancel, error))
        else:
            self._schedule(partial(self._end, cancel, partial(arrived, result)))

    def _report(self, cancel: Event, tick: Tick) -> None:
        if cancel is self._cancel and self.busy:
            self.tick = tick
            self._changed()

    def _fail(self, cancel: Event, error: Exception) -> None:
        if not isinstance(error, DeepVIDError):
            logging.getLogger(__name__).error("A task of a page failed", exc_info=error)
        if cancel is self._cancel and not isinstance(error, Cancelled):
            self.error = explained(error)
        self._end(cancel, lambda: None)

    def _end(self, cancel: Event, arrive: Callable[[], None]) -> None:
        if cancel is self._cancel:
            self.busy = False
            arrive()
            self._changed()


def explained(error: Exception) -> DeepVIDError:
    """The three parts of whatever was raised."""
    if isinstance(error, DeepVIDError):
        return error
    found = f"{type(error).__name__}: {error}"
    return DeepVIDError("The work ends without an error", found, "The server's log says where it was raised")
