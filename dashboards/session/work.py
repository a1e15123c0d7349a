"""Long work that one session waits for: reported while it goes on, cancellable, and the newest wins."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from dashboards.session.failing import explained
from deepvid.engine.client import Job
from deepvid.errors import Cancelled, DeepVIDError
from deepvid.newest import Newest
from deepvid.progress import Progress, Tick

R = TypeVar("R")
PERIOD = 0.1  # s between two reports to a page


class Work:
    """At most one job at a time; a newer one cancels the older, of which nothing more is heard.

    `schedule` runs a function soon on the document's thread; `changed` is called there after every report
    and at the end, and may read `tick`, `busy`, `subject` and `error`.
    """

    def __init__(self, schedule: Callable[[Callable[[], None]], None], changed: Callable[[], None]) -> None:
        self._schedule, self._changed = schedule, changed
        self._newest: Newest[Job] = Newest(Job.cancel)
        self._job: Job | None = None
        self.busy = False
        self.subject = ""  # what the work is about: the id of a run, a sample
        self.tick: Tick | None = None
        self.error: DeepVIDError | None = None

    def follow(self, subject: str, job: Job, arrived: Callable[[Any], None]) -> None:
        """Waits for a job without blocking; `arrived(result)` is called on the document's thread."""
        self._job = self._newest.take(job)
        self.busy, self.subject, self.tick, self.error = True, subject, None, None
        job.add_tick_callback(self._reporter(job))
        job.add_done_callback(lambda _: self._schedule(partial(self._end, job, arrived)))
        self._changed()

    def cancel(self) -> None:
        """Asks the work to stop at its next report."""
        if self._job is not None:
            self._job.cancel()

    def _reporter(self, job: Job) -> Callable[[Tick], None]:
        following = 0.0

        def report(tick: Tick) -> None:
            nonlocal following
            if (now := time.monotonic()) >= following:
                following = now + PERIOD
                self._schedule(partial(self._report, job, tick))

        return report

    def _report(self, job: Job, tick: Tick) -> None:
        if self._newest.holds(job):
            self.tick = tick
            self._changed()

    def _end(self, job: Job, arrived: Callable[[Any], None]) -> None:
        if not self._newest.leave(job):
            return  # a newer one has taken its place
        self.busy = False
        try:
            arrived(job.result())
        except Cancelled:
            pass  # somebody wanted that
        except Exception as error:
            if not isinstance(error, DeepVIDError):
                logging.getLogger(__name__).error("Work that a page waited for failed", exc_info=error)
            self.error = explained(error)
        self._changed()


# Not the threads that prepare what a gesture shows: a lasso never waits for an archive.
EXECUTOR = ThreadPoolExecutor(4, thread_name_prefix="deepvid-task")


class Task(Work):
    """Work that is a function of its progress."""

    def start(self, subject: str, work: Callable[[Progress], R], arrived: Callable[[R], None]) -> None:
        """Begins, and returns at once; `arrived(result)` is called on the document's thread."""
        job = Job(work)
        self.follow(subject, job, arrived)
        EXECUTOR.submit(job.run, lambda do, progress: do(progress))
