"""How a card that is computed asks, and what it says meanwhile."""

from dataclasses import dataclass
from typing import Any

import pytest

from dashboards.kit.card import Computation, Inquiry, Own
from dashboards.kit.elements import Button, walk, words
from dashboards.session.engine_task import Answer, ResultStatus, TaskStatus
from dashboards.session.needs import Missing
from deepvid.engine.requests import OfSample

WORDS = Computation("it", "Doing it", "It is being done.", "It is not done.", "Do it", "It is not stored.")


@dataclass(frozen=True)
class Question(OfSample):
    """One of two about a sample."""

    second: bool = False


BUSY = TaskStatus(busy=True)
FIRST, SECOND, OTHER = Question("run", 7), Question("run", 7, second=True), Question("run", 8)


def asking(
    request: Question | None = None,
    task: TaskStatus = BUSY,
    answer: Answer[Any, Any] | None = None,
    last: Answer[Any, Any] | None = None,
    lacks: str = "",
) -> Inquiry[Question, str]:
    own = Own(None, ResultStatus(request, task, answer), last)
    return Inquiry(WORDS, own, Missing(lacks) if lacks else None)


def test_what_is_stored_or_computed_is_shown_and_all_else_asked_for() -> None:
    stored = asking()
    assert stored.result(FIRST, "stored") == "stored"
    assert (stored.request, stored.answer) == (None, Answer(FIRST, "stored"))
    computed = asking(FIRST, answer=Answer(FIRST, "computed"))
    assert computed.result(FIRST) == "computed"
    assert (computed.request, computed.answer) == (FIRST, Answer(FIRST, "computed"))
    missing = asking(FIRST, answer=Answer(FIRST, "computed"))
    assert missing.result(SECOND) is None
    assert (missing.request, missing.answer) == (SECOND, None)
    assert words(missing.absent()) == "It is being done."


def test_where_nothing_can_be_computed_nothing_is_asked_and_that_is_said() -> None:
    refused = asking(lacks="No teacher.")
    assert refused.result(FIRST) is None
    assert refused.request is None
    assert words(refused.absent(besides="Others are.")) == "It is not stored. No teacher. Others are."
    assert refused.result(FIRST, "stored") == "stored"


def test_what_was_given_up_or_failed_can_be_asked_for_again() -> None:
    failed = asking(FIRST, TaskStatus(error="Broken."))
    assert failed.result(FIRST) is None
    assert words(failed.absent()) == "Broken.It is not done.Do it"
    assert [each.value for each in walk(failed.absent()) if isinstance(each, Button)] == [7]


@pytest.mark.parametrize(
    ("last", "now", "task", "stays"),
    [
        (FIRST, SECOND, BUSY, True),
        (OTHER, SECOND, BUSY, False),
        (None, SECOND, BUSY, False),
        (FIRST, SECOND, TaskStatus(), False),  # it was given up
    ],
)
def test_what_was_shown_last_stays_while_another_about_the_same_is_under_way(
    last: Question | None, now: Question, task: TaskStatus, stays: bool
) -> None:
    shown = None if last is None else Answer(last, "last")
    again = asking(now, task, last=shown)
    assert again.result(now) is None
    assert again.before() == (shown if stays else None)
