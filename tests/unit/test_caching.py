"""Computed once for an owner: by one thread of many, never of what failed, and gone with the owner."""

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from deepvid.caching import newest_per, newest_per_owner, once_per, once_per_owner


class Owner:
    """A run, as the cache sees it."""

    def __init__(self, shared: "Owner | None" = None) -> None:
        self.shared = shared


class Answer:
    """Something that can be looked for again, and that knows its owner."""

    def __init__(self, owner: Owner) -> None:
        self.owner = owner


def test_each_key_of_each_owner_is_computed_once() -> None:
    asked: list[tuple[Owner, str]] = []

    @once_per_owner
    def answer(owner: Owner, name: str) -> str:
        asked.append((owner, name))
        return name.upper()

    first, second = Owner(), Owner()
    for owner, name in [(first, "a"), (first, "b"), (first, "a"), (second, "a"), (second, "a")]:
        assert answer(owner, name) == name.upper()
    assert asked == [(first, "a"), (first, "b"), (second, "a")]


def test_none_is_an_answer_as_any_other() -> None:
    asked = []

    @once_per_owner
    def answer(owner: Owner) -> None:
        asked.append(owner)

    owner = Owner()
    assert answer(owner) is answer(owner) is None
    assert asked == [owner]


def test_two_functions_have_answers_of_their_own() -> None:
    one, other = once_per_owner(lambda owner: 1), once_per_owner(lambda owner: 2)
    owner = Owner()
    assert (one(owner), other(owner)) == (1, 2)


def test_whoever_asks_while_it_is_computed_waits_and_another_owner_does_not() -> None:
    begun, go, asked = Event(), Event(), []
    slow, quick = Owner(), Owner()

    @once_per_owner
    def answer(owner: Owner) -> object:
        asked.append(owner)
        if owner is slow:
            begun.set()
            assert go.wait(10)
        return object()

    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(answer, slow) for _ in range(7)]
        assert begun.wait(10)
        threads.submit(answer, quick).result(10)  # which would never come if it waited for the other owner
        assert not any(one.done() for one in answers)
        go.set()
        assert len({id(one.result(10)) for one in answers}) == 1
    assert asked == [slow, quick]


def test_an_error_is_not_kept() -> None:
    asked = []

    @once_per_owner
    def answer(owner: Owner) -> str:
        asked.append(owner)
        if len(asked) == 1:
            raise OSError("the disk is away")
        return "there"

    owner = Owner()
    with pytest.raises(OSError, match="away"):
        answer(owner)
    assert (answer(owner), answer(owner), len(asked)) == ("there", "there", 2)


def test_an_answer_goes_with_its_owner_even_where_it_refers_to_it() -> None:
    answer = once_per_owner(Answer)
    owner = Owner()
    found = weakref.ref(answer(owner))
    gc.collect()
    assert found() is not None
    del owner
    gc.collect()
    assert found() is None


def test_the_first_argument_is_not_kept_where_something_else_is_the_owner() -> None:
    answer = once_per(lambda table: table.shared)(lambda table: object())
    shared = Owner()
    table, other = Owner(shared), Owner(shared)
    same, gone = answer(table), weakref.ref(table)
    del table
    gc.collect()
    assert gone() is None
    assert answer(other) is same


def test_an_answer_of_another_version_takes_the_place_of_the_one_before() -> None:
    answer = newest_per_owner(lambda owner, name, version: Answer(owner))
    owner = Owner()
    before, other = answer(owner, "a", 1), answer(owner, "b", 1)
    assert answer(owner, "a", 1) is before
    gone = weakref.ref(before)
    del before
    after = answer(owner, "a", 2)
    gc.collect()
    assert gone() is None
    assert answer(owner, "a", 2) is after
    assert answer(owner, "b", 1) is other


def test_a_version_that_fails_leaves_none_behind() -> None:
    asked = []

    @newest_per(lambda table: table.shared)
    def answer(table: Owner, version: int) -> int:
        asked.append(version)
        if version == 2:
            raise ValueError
        return version

    table = Owner(Owner())
    assert answer(table, 1) == 1
    with pytest.raises(ValueError):  # noqa: PT011, it says nothing
        answer(table, 2)
    assert [answer(table, 1), answer(table, 1)] == [1, 1]
    assert asked == [1, 2, 1]


def test_an_answer_can_be_made_of_another_one_of_the_same_function() -> None:
    @once_per_owner
    def power(owner: Owner, exponent: int) -> int:
        return 1 if exponent == 0 else 2 * power(owner, exponent - 1)

    assert power(Owner(), 10) == 1024
