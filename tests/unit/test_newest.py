"""The newest wins, from however many threads it is asked for."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

from deepvid.newest import Newest


def test_a_newer_one_cancels_the_older_of_its_key_only() -> None:
    newest = Newest(Event.set)
    other, older, newer = newest.take(Event(), "other"), newest.take(Event(), "mine"), Event()
    newest.take(newer, "mine")
    assert [stop.is_set() for stop in (other, older, newer)] == [False, True, False]
    assert [newest.holds(stop) for stop in (other, older, newer)] == [True, False, True]


def test_tokens_need_no_way_to_be_cancelled() -> None:
    newest = Newest[object]()
    first, second = newest.take(object()), newest.take(object())
    assert not newest.holds(first)
    assert newest.holds(second)


def test_equal_items_are_still_two() -> None:
    cancelled: list[list[int]] = []
    newest = Newest(cancelled.append)
    first, second = newest.take([]), newest.take([])
    assert not newest.holds(first)
    assert newest.holds(second)
    assert cancelled[0] is first


def test_who_left_is_not_cancelled_and_cannot_leave_for_another() -> None:
    newest = Newest(Event.set)
    first = newest.take(Event())
    assert newest.leave(first)
    second = newest.take(Event())
    assert not first.is_set()
    assert not newest.leave(first)
    assert newest.holds(second)


def test_taking_a_key_twice_does_not_cancel_oneself() -> None:
    newest = Newest(Event.set)
    mine = newest.take(newest.take(Event()))
    assert not mine.is_set()


def test_all_are_cancelled_and_may_leave_while_they_are() -> None:
    left: list[bool] = []
    newest = Newest[Event](lambda stop: (stop.set(), left.append(newest.leave(stop))))
    stops = [newest.take(Event(), key) for key in range(3)]
    newest.cancel_all()
    assert all(stop.is_set() for stop in stops)
    assert left == [False] * 3
    assert not any(newest.holds(stop) for stop in stops)


def test_of_many_at_once_one_holds_and_all_others_are_cancelled() -> None:
    newest, ready = Newest(Event.set), Barrier(8)

    def take(number: int) -> Event:
        ready.wait()
        return newest.take(Event())

    with ThreadPoolExecutor(8) as threads:
        for _ in range(50):
            stops = list(threads.map(take, range(8)))
            assert [newest.holds(stop) for stop in stops] == [not stop.is_set() for stop in stops]
            assert sum(map(newest.holds, stops)) == 1
