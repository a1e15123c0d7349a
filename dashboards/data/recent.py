"""Answers for all sessions of which those that were asked for last stay in memory."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """At most so many answers. Who asks for one that is being made waits for it, and for no other."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, Lock()
        self._answers: OrderedDict[Hashable, tuple[Lock, list[T]]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The answer of this key, made where it is not there."""
        with self._lock:
            lock, answer = self._answers.setdefault(key, (Lock(), []))
            self._answers.move_to_end(key)
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)
        with lock:
            if not answer:
                answer.append(make())
            return answer[0]
