"""One request on its way: its progress, its end, and the wish to stop it."""

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from threading import Event
from typing import Any

from deepvid.errors import Cancelled, DeepVIDError
from deepvid.progress import Progress, Tick

Handler = Callable[[Any, Progress], Any]


class Job:
    """An answer that is being computed. `tick` is the latest report, None before the first.

    `request` is whatever the handler understands: a `Request` of the engine's, or a function to call.
    """

    def __init__(self, request: Any) -> None:
        self.request = request
        self.tick: Tick | None = None
        self._heard: list[Callable[[Tick], None]] = []
        self._cancel = Event()
        self._future: Future[Any] = Future()

    def run(self, handler: Handler) -> None:
        """Computes the answer in the calling thread, unless the job was cancelled while it waited."""
        if not self._future.set_running_or_notify_cancel():
            return
        try:
            answer = handler(self.request, Progress(self._report, self._cancel))
        except Exception as error:
            self._future.set_exception(error)
        except BaseException as error:  # it ends this thread, and must not end the one that waits
            self._future.set_exception(_ended(error))
            raise
        else:
            self._future.set_result(answer)

    def refuse(self, error: Exception) -> None:
        """Ends the job with `error` before it began."""
        self._future.set_exception(error)

    def cancel(self) -> None:
        """Asks to stop: at once while the job waits, at its next report once it runs."""
        self._cancel.set()
        self._future.cancel()

    def done(self) -> bool:
        """True when `result` will not wait."""
        return self._future.done()

    def result(self, timeout: float | None = None) -> Any:
        """The answer, waited for. Raises what the handler raised, `Cancelled`, or `TimeoutError`."""
        try:
            return self._future.result(timeout)
        except CancelledError as error:
            raise Cancelled from error

    def add_done_callback(self, callback: Callable[["Job"], Any]) -> None:
        """Calls `callback(job)` once it is done, in whatever thread ends it (at once if it is done)."""
        self._future.add_done_callback(lambda _: callback(self))

    def add_tick_callback(self, callback: Callable[[Tick], None]) -> None:
        """Calls `callback(tick)` for every report from now on, in the thread that computes."""
        self._heard.append(callback)

    def _report(self, tick: Tick) -> None:
        self.tick = tick
        for callback in self._heard:
            callback(tick)


def _ended(error: BaseException) -> DeepVIDError:
    return DeepVIDError(
        "A computing thread lives until it has answered",
        f"it was ended by {type(error).__name__}{f': {error}' if str(error) else ''}",
        "Ask again: a new thread takes over",
    )
