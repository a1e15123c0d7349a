"""Answers that stay in memory while few others are asked for."""

from collections.abc import Callable

import pytest

from dashboards.data.recent import Recent


def test_those_asked_for_last_are_made_once() -> None:
    made: list[int] = []

    def answer(number: int) -> Callable[[], int]:
        return lambda: made.append(number) or 10 * number  # type: ignore[func-returns-value]

    recent: Recent[int] = Recent(2)
    assert [recent.get(number, answer(number)) for number in (1, 2, 1, 3, 1, 2)] == [10, 20, 10, 30, 10, 20]
    assert made == [1, 2, 3, 2]


def test_an_answer_that_failed_is_made_anew() -> None:
    recent: Recent[int] = Recent(2)
    with pytest.raises(ZeroDivisionError):
        recent.get("one", lambda: 1 // 0)
    assert recent.get("one", lambda: 1) == 1
