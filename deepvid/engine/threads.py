"""The engine inside the dashboard's own process: jobs wait in line for one computing thread."""

import importlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from deepvid.engine.job import Handler, Job
from deepvid.engine.requests import Request
from deepvid.newest import Newest
from deepvid.progress import Progress


def find_handlers() -> Mapping[type[Request], Handler]:
    """The table from request to handler, found by name: no import chain leads from a page to JAX."""
    handlers: Mapping[type[Request], Handler] = importlib.import_module("deepvid.engine.handlers").HANDLERS
    return handlers


class ThreadEngine:
    """One job computes at a time: JAX uses every core for it, and two at once would both be slower."""

    def __init__(self, handlers: Callable[[], Mapping[type[Request], Handler]] = find_handlers) -> None:
        self._handlers = handlers
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="engine")
        self._newest = Newest(Job.cancel)

    @property
    def refusal(self) -> str | None:
        """None: it computes."""
        return None

    def submit(self, request: Request, *, session: str = "") -> Job:
        """Lines the request up; the session's older job of the same kind is cancelled."""
        job = Job(request)
        self._newest.take(job, (session, type(request)))
        job.add_done_callback(self._newest.leave)
        self._executor.submit(lambda: job.run(self._answer))
        return job

    def close(self) -> None:
        """Cancels all jobs; the one that runs stops at its next report."""
        self._newest.cancel_all()
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _answer(self, request: Request, progress: Progress) -> Any:
        # Asked for here, in the computing thread: the first job pays for importing JAX, no page ever does.
        return self._handlers()[type(request)](request, progress)
