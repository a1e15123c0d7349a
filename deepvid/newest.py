"""The newest wins: whoever takes a key makes its earlier holder stale, and has it cancelled."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Newest(Generic[T]):
    """At most one holder a key; from any thread.

    What is held is known by identity: a job, the event that stops a task, or a bare `object()` for work
    that nobody stops and that asks `holds` before it shows its result. `cancel` is called outside the lock,
    in the thread that takes over, so it may call back.
    """

    def __init__(self, cancel: Callable[[T], Any] = lambda holder: None) -> None:
        self._cancel = cancel
        self._holders: dict[Hashable, T] = {}
        self._lock = Lock()

    def take(self, item: T, key: Hashable = None) -> T:
        """Makes `item` the holder of `key` and returns it; the holder before it is stale and cancelled."""
        with self._lock:
            older = self._holders.get(key)
            self._holders[key] = item
        if older is not None and older is not item:
            self._cancel(older)
        return item

    def holds(self, item: T) -> bool:
        """Whether nothing newer has taken its key, and it has not left."""
        with self._lock:
            return any(holder is item for holder in self._holders.values())

    def leave(self, item: T) -> bool:
        """Ends without being cancelled. False where it holds nothing: somebody newer does, or nobody."""
        with self._lock:
            keys = [key for key, holder in self._holders.items() if holder is item]
            for key in keys:
                del self._holders[key]
        return bool(keys)

    def cancel_all(self) -> None:
        """Cancels every holder; none holds anything any more."""
        with self._lock:
            holders = list(self._holders.values())
            self._holders.clear()
        for holder in holders:
            self._cancel(holder)
