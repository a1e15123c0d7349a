"""The engine inside the dashboard's own process: jobs wait in line for one computing thread."""

import importlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

from deepvid.engine.job import Handler, Job
from deepvid.engine.requests import Request
from deepvid.progress import Progress


def find_handlers() -> Mapping[type, Handler]:
    """The table from request to handler, found by name: no import chain leads from a page to JAX."""
    handlers: Mapping[type, Handler] = importlib.import_module("deepvid.engine.handlers").HANDLERS
    return handlers


class ThreadEngine:
    """One job computes at a time: JAX uses every core for it, and two at once would both be slower."""

    def __init__(self, handlers: Callable[[], Mapping[type, Handler]] = find_handlers) -> None:
        self._handlers = handlers
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="engine")
        self._latest: dict[tuple[str, type], Job] = {}
        self._lock = Lock()

    @property
    def refusal(self) -> str | None:
        """None: it computes."""
        return None

    def submit(self, request: Request, *, session: str = "") -> Job:
        """Lines the request up; the session's older job of the same kind is cancelled."""
        job = Job(request)
        place = (session, type(request))
        with self._lock:
            older = self._latest.get(place)
            self._latest[place] = job
        job.add_done_callback(lambda done: self._forget(place, done))
        if older:
            older.cancel()
        self._executor.submit(lambda: job.run(self._answer))
        return job

    def close(self) -> None:
        """Cancels all jobs; the one that runs stops at its next report."""
        with self._lock:
            jobs = list(self._latest.values())
        for job in jobs:
            job.cancel()
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _answer(self, request: Request, progress: Progress) -> Any:
        # Asked for here, in the computing thread: the first job pays for importing JAX, no page ever does.
        return self._handlers()[type(request)](request, progress)

    def _forget(self, place: tuple[str, type], job: Job) -> None:
        with self._lock:
            if self._latest.get(place) is job:
                del self._latest[place]
