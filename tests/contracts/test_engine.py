"""The contract of engines: the same tests for every implementation."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from deepvid.engine.client import AbsentEngine, Engine, Job, ThreadEngine, connect, find_handlers
from deepvid.engine.requests import Request
from deepvid.errors import Cancelled, ConfigError, DeepVIDError, MissingExtraError
from deepvid.progress import Progress

BIG = 10_000  # takes long to count to


@dataclass(frozen=True)
class Count(Request):
    """A request that is no request of ours."""

    to: int


@dataclass(frozen=True)
class LongCount(Count):
    """The same, that computes beside the others."""

    long = True


@dataclass(frozen=True)
class PatientCount(Count):
    """The same, that lets others go first."""

    patient = True


@dataclass(frozen=True)
class AskElsewhere(Request):
    """Waits for another process until it is cancelled."""


def ask_elsewhere(_: AskElsewhere, progress: Progress) -> None:
    with progress.outside():
        while True:
            progress.check()
            time.sleep(0.001)


def count(request: Count, progress: Progress) -> int:
    """A report every millisecond, one for every number."""
    if request.to < 0:
        raise ConfigError("One counts to a number that is not negative", str(request.to), "Ask for another")
    if request.to == DEADLY:
        raise SystemExit(3)
    for done in range(request.to):
        progress.update(done, request.to, "counting")
        time.sleep(0.001)
    return request.to


DEADLY = 666  # ends the thread that counts to it
HANDLERS = {Count: count, LongCount: count, PatientCount: count, AskElsewhere: ask_elsewhere}


def request(to: int) -> Count:
    return Count("run", to)


@pytest.fixture
def threads() -> Iterator[ThreadEngine]:
    engine = ThreadEngine(lambda: HANDLERS)
    yield engine
    engine.close()


@pytest.fixture(params=["threads", "absent"])
def engine(request: pytest.FixtureRequest, threads: ThreadEngine) -> Engine:
    return threads if request.param == "threads" else AbsentEngine("jax")


def test_a_job_ends_with_an_answer_or_the_refusal(engine: Engine) -> None:
    job = engine.submit(request(3))
    if engine.refusal is None:
        assert job.result(5) == 3
    else:
        with pytest.raises(MissingExtraError, match="jax"):
            job.result(5)
    assert job.done()


def test_a_callback_is_called_once_with_the_job(engine: Engine) -> None:
    heard: list[Job] = []
    called = threading.Event()
    job = engine.submit(request(3))
    job.add_done_callback(lambda done: (heard.append(done), called.set()))
    assert called.wait(5)
    assert heard == [job]


def test_a_closed_engine_has_nothing_under_way(engine: Engine) -> None:
    job = engine.submit(request(BIG))
    engine.close()
    with pytest.raises((Cancelled, MissingExtraError)):
        job.result(5)


def test_a_refusal_says_what_to_install() -> None:
    refusal = AbsentEngine("jax").refusal
    assert refusal is not None
    assert "deepvid[compute]" in refusal


def test_connect_finds_the_engine_that_can_compute(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(connect(), ThreadEngine)
    monkeypatch.setattr("deepvid.engine.client.find_spec", lambda name: None)
    assert isinstance(connect(), AbsentEngine)


def test_an_error_reaches_whoever_waits(threads: ThreadEngine) -> None:
    with pytest.raises(ConfigError, match="Found: -1"):
        threads.submit(request(-1)).result(5)


def test_a_thread_that_is_ended_says_so_to_whoever_waits_and_the_next_request_is_answered(
    threads: ThreadEngine,
) -> None:
    job = threads.submit(request(DEADLY), session="one")
    behind = threads.submit(request(2), session="another")
    with pytest.raises(DeepVIDError, match="ended by SystemExit: 3"):
        job.result(5)
    assert behind.result(5) == 2
    assert threads.submit(request(3), session="one").result(5) == 3


def test_a_running_job_reports_and_is_cancelled(threads: ThreadEngine) -> None:
    job = threads.submit(request(BIG))
    _until(lambda: job.tick is not None and job.tick.done > 3)
    job.cancel()
    with pytest.raises(Cancelled):
        job.result(5)
    assert threads.submit(request(1)).result(5) == 1


def test_a_waiting_job_is_cancelled_at_once(threads: ThreadEngine) -> None:
    running = threads.submit(request(BIG), session="one")
    waiting = threads.submit(request(1), session="two")
    waiting.cancel()
    assert waiting.done()
    assert not running.done()


def test_a_newer_request_of_a_session_cancels_its_older_one_only(threads: ThreadEngine) -> None:
    other = threads.submit(request(200), session="other")
    older = threads.submit(request(BIG), session="mine")
    newer = threads.submit(request(2), session="mine")
    with pytest.raises(Cancelled):
        older.result(5)
    assert newer.result(5) == 2
    assert other.result(5) == 200


def test_short_requests_compute_one_after_the_other(threads: ThreadEngine) -> None:
    first, second = (threads.submit(request(100), session=name) for name in ("one", "another"))
    assert first.result(5) == second.result(5) == 100
    assert first.tick is not None
    assert second.tick is not None
    assert second.tick.elapsed < 1.5 * first.tick.elapsed  # the second did not begin with the first


def test_a_long_request_computes_beside_the_others_and_rests_while_they_are_under_way(
    threads: ThreadEngine,
) -> None:
    long = threads.submit(LongCount("run", BIG), session="mine")
    _until(lambda: long.tick is not None)
    assert long.tick is not None
    short, before = threads.submit(request(300), session="mine"), long.tick.done
    assert short.result(5) == 300
    assert long.tick.done < before + 30
    _until(lambda: long.tick is not None and long.tick.done > before + 60)
    long.cancel()
    with pytest.raises(Cancelled):
        long.result(5)


def test_a_patient_request_lets_those_that_wait_go_first_and_is_answered_after_them(
    threads: ThreadEngine,
) -> None:
    patient = threads.submit(PatientCount("run", 300), session="mine")
    _until(lambda: patient.tick is not None)
    others = [threads.submit(request(50), session=name) for name in ("mine", "another")]
    assert [job.result(5) for job in others] == [50, 50]
    assert patient.tick is not None
    assert patient.tick.done < 30
    assert patient.result(5) == 300


def test_a_patient_request_is_cancelled_while_others_compute(threads: ThreadEngine) -> None:
    patient = threads.submit(PatientCount("run", BIG), session="mine")
    _until(lambda: patient.tick is not None)
    other = threads.submit(request(50), session="another")
    patient.cancel()
    with pytest.raises(Cancelled):
        patient.result(5)
    assert other.result(5) == 50


def test_who_waits_for_another_process_lets_others_compute(threads: ThreadEngine) -> None:
    waiting = threads.submit(AskElsewhere("run"), session="one")
    assert threads.submit(request(3), session="another").result(5) == 3
    waiting.cancel()
    with pytest.raises(Cancelled):
        waiting.result(5)


def test_every_request_has_a_handler() -> None:
    ours = {kind for kind in _without_heirs(Request) if kind.__module__ == Request.__module__}
    assert set(find_handlers()) == ours


def _without_heirs(kind: type) -> set[type]:
    """Kinds of requests; one that others inherit from is only what they share."""
    heirs = kind.__subclasses__()
    return set().union(*map(_without_heirs, heirs)) if heirs else {kind}


def _until(condition: Any) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)
