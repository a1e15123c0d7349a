"""How long work reports and is cancelled: one object handed down to whatever loops."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from threading import Event
from typing import NamedTuple

from deepvid.errors import Cancelled


class Tick(NamedTuple):
    """One report. Times are in seconds; `remaining` is None until it can be estimated."""

    done: float
    total: float
    message: str
    elapsed: float
    remaining: float | None
    lasting: bool = False  # the message is to stay: it says something of the result, or of what it costs
    size: int | None = None  # bytes that the work takes on disk, where that is told before it begins


class Progress:
    """Reports to `emit` and raises `Cancelled` at the next report once `cancel` is set.

    Work calls `update` wherever it could stop without losing anything: every call is a safe point.
    """

    def __init__(self, emit: Callable[[Tick], None] | None = None, cancel: Event | None = None) -> None:
        self._emit = emit
        self._cancel = cancel or Event()
        self._start: tuple[float, float] | None = None  # (time, done) of the first report
        self._rated: tuple[float, float] | None = None  # of the first after it that had something done

    def update(self, done: float, total: float, message: str = "") -> None:
        """Says that `done` of `total` units are finished. Raises `Cancelled` when asked to stop."""
        self.check()
        if self._emit is None:
            return
        now = time.monotonic()
        if self._start is None or done < self._start[1]:
            self._start, self._rated = (now, done), None
        elif not done:
            self._rated = None  # further work begins, at a rate of its own
        elif self._rated is None and done > self._start[1]:
            self._rated = (now, done)
        self._emit(Tick(done, total, message, now - self._start[0], self._remaining(now, done, total)))

    def note(self, text: str) -> None:
        """Tells something of the result that a person should keep reading after the work is done."""
        if self._emit is not None:
            self._emit(Tick(0, 1, text, 0.0, None, lasting=True))

    def foretell(self, text: str, *, size: int, seconds: float | None = None) -> None:
        """Tells before the work begins what it is, how many bytes of disk it takes, and how long."""
        if self._emit is not None:
            self._emit(Tick(0, 1, text, 0.0, seconds, lasting=True, size=size))

    def check(self) -> None:
        """Raises `Cancelled` when asked to stop; reports nothing."""
        if self._cancel.is_set():
            raise Cancelled

    @contextmanager
    def active(self) -> Iterator["Progress"]:
        """Makes it the one that `current` finds in this thread, for work that is handed none."""
        token = _CURRENT.set(self)
        try:
            yield self
        finally:
            _CURRENT.reset(token)

    def outside(self) -> AbstractContextManager[object]:
        """A stretch in which another process computes, and this one only waits for it."""
        return nullcontext()

    def part(self, begin: float, end: float, total: float) -> "Progress":
        """A progress whose whole is the stretch from `begin` to `end` of this one's `total`."""

        def emit(tick: Tick) -> None:
            share = tick.done / tick.total if tick.total else 1.0
            if tick.lasting and self._emit is not None:
                self._emit(tick)
            else:
                self.update(begin + share * (end - begin), total, tick.message)

        return Progress(emit, self._cancel)

    def _remaining(self, now: float, done: float, total: float) -> float | None:
        if self._rated is None:
            return None
        began, first = self._rated  # what is done first also compiles: the others are faster
        if done - first < 0.01 * total or done == first or now - began < 0.2:
            return None
        return (now - began) / (done - first) * (total - done)


SILENT = Progress()
"""Reports to nobody and is never cancelled."""

_CURRENT: ContextVar[Progress] = ContextVar("progress", default=SILENT)


def current() -> Progress:
    """The progress of the work that this thread does; silent where none is active."""
    return _CURRENT.get()
