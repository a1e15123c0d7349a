"""Answers that are computed once for a run, or another owner, and that go when it goes."""

from collections.abc import Callable, Hashable
from functools import wraps
from threading import Lock, RLock
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

O = TypeVar("O")  # noqa: E741, what a cached function is about: a run, a table
P = ParamSpec("P")
T = TypeVar("T")
Function = Callable[Concatenate[O, P], T]


def once_per_owner(function: Function[O, P, T]) -> Function[O, P, T]:
    """Computes `function(owner, *key)` once for each key, as long as the owner lives.

    The owner is the first argument; the others are hashable and given by position. Threads that ask for the
    same at the same time wait for the first; what raises is computed anew for the next. Answers lie in the
    owner's `__dict__`, as those of `functools.cached_property` do, so they may refer to it.
    """
    return _cached(function, _itself, _all)


def newest_per_owner(function: Function[O, P, T]) -> Function[O, P, T]:
    """The same for `function(owner, *key, version)`: an answer makes way for that of another version."""
    return _cached(function, _itself, _but_the_last)


def once_per(owner: Callable[[O], object]) -> Callable[[Function[O, P, T]], Function[O, P, T]]:
    """As `once_per_owner`, with the owner that the first argument has."""
    return lambda function: _cached(function, owner, _all)


def newest_per(owner: Callable[[O], object]) -> Callable[[Function[O, P, T]], Function[O, P, T]]:
    """As `newest_per_owner`, with the owner that the first argument has."""
    return lambda function: _cached(function, owner, _but_the_last)


def _cached(
    function: Function[O, P, T],
    owner: Callable[[O], object],
    split: Callable[[tuple[Any, ...]], tuple[Hashable, Hashable]],  # into what tells answers apart, version
) -> Function[O, P, T]:
    @wraps(function)
    def answer(first: O, *key: P.args, **named: P.kwargs) -> T:
        assert not named, "given by position"
        place, version = split(key)
        slots = vars(owner(first))
        with _GUARD:
            slot: _Slot = slots.setdefault(_PLACE, {}).setdefault((function, place), _Slot())
        with slot.lock:
            if slot.version != (version,):
                slot.answer = None  # so that two of them are never in memory at once
                slot.version = None
                slot.answer, slot.version = function(first, *key, **named), (version,)
            return cast(T, slot.answer)

    return answer


class _Slot:
    """One answer, and who computes it."""

    def __init__(self) -> None:
        self.lock = RLock()  # an answer may be made of another one of the same function
        self.version: tuple[Hashable] | None = None  # None: there is no answer
        self.answer: Any = None


_PLACE = "computed once"  # a name that no attribute can have
_GUARD = Lock()


def _itself(owner: object) -> object:
    return owner


def _all(key: tuple[Any, ...]) -> tuple[Hashable, Hashable]:
    return key, None


def _but_the_last(key: tuple[Any, ...]) -> tuple[Hashable, Hashable]:
    return key[:-1], key[-1]
