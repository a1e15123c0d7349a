"""Long work that needs no engine, in a thread of this process: an archive written, a run verified."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from dashboards.session.work import Work
from deepvid.engine.client import Job
from deepvid.progress import Progress

R = TypeVar("R")

# Not the threads that prepare what a gesture shows: a lasso never waits for an archive.
EXECUTOR = ThreadPoolExecutor(4, thread_name_prefix="deepvid-task")


class Task(Work):
    """Work that is a function of its progress."""

    def start(self, subject: str, work: Callable[[Progress], R], arrived: Callable[[R], None]) -> None:
        """Begins, and returns at once; `arrived(result)` is called on the document's thread."""
        job = Job(work)
        self.follow(subject, job, arrived)
        EXECUTOR.submit(job.run, lambda do, progress: do(progress))
