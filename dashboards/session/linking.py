"""One gesture, one commit: every linked view prepares in a thread and publishes in one message."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager
from functools import partial
from threading import Lock
from typing import Any, Protocol

from dashboards.session.selection import Gesture, Mask, Selection, Steps, fold


class LinkedView(Protocol):
    """A view of the selection. `prepare` runs in a thread and touches no widget; `publish` is the reverse."""

    def prepare(self, mask: Mask | None) -> Any:
        """What the view will show for a mask; pure, slow work goes here."""

    def publish(self, prepared: Any) -> None:
        """Writes what was prepared into the view's live sources; called under the document's lock."""


class Linker:
    """Turns gestures into commits for one session. A newer gesture makes an older one stale: it never shows.

    `schedule` runs a function soon on the document's own thread; `hold` merges what is written inside it
    into one message to the browser.
    """

    def __init__(
        self,
        selection: Selection,
        resolve: Callable[[Gesture], Mask],
        *,
        executor: Executor,
        schedule: Callable[[Callable[[], None]], None],
        hold: Callable[[], AbstractContextManager[Any]],
    ) -> None:
        self.selection = selection
        self.views: list[LinkedView] = []
        self._resolve = resolve
        self._executor, self._schedule, self._hold = executor, schedule, hold
        self._generation = 0
        self._lock = Lock()

    def commit(self, steps: Steps) -> Future[None]:
        """Selects `steps` in every view; returns at once. The future ends when all is prepared."""
        with self._lock:
            self._generation += 1
            generation = self._generation
        return self._executor.submit(self._prepare, generation, steps)

    def refresh(self) -> Future[None]:
        """Prepares and publishes the present selection again, as when the run has grown."""
        return self.commit(self.selection.steps)

    def _prepare(self, generation: int, steps: Steps) -> None:
        mask = fold(steps, self._resolve)
        views = list(self.views)

        def prepare(view: LinkedView) -> Any:
            return view.prepare(mask) if generation == self._generation else None

        prepared = at_once(self._executor, [partial(prepare, view) for view in views])

        def publish() -> None:
            if generation != self._generation:
                return
            with self._hold():
                self.selection.publish(steps, mask)
                for view, value in zip(views, prepared, strict=True):
                    view.publish(value)

        self._schedule(publish)


def at_once(executor: Executor, calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """What the calls return: the first made here, the others by the executor's idle threads.

    May be called from one of these threads: what no thread has begun by the time is done here too.
    """
    futures = [executor.submit(call) for call in calls[1:]]
    results = [call() for call in calls[:1]]
    for call, future in zip(calls[1:], futures, strict=True):
        results.append(call() if future.cancel() else future.result())
    return results
