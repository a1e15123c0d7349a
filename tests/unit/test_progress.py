"""Reports, the time left, and cancelling at a safe point."""

from threading import Event

import pytest

from deepvid.errors import Cancelled
from deepvid.progress import SILENT, Progress, Tick


def test_reports_what_is_done() -> None:
    ticks: list[Tick] = []
    Progress(ticks.append).update(3, 10, "epoch 1")
    assert ticks[0][:3] == (3, 10, "epoch 1")
    assert ticks[0].remaining is None  # one report gives no rate


def test_time_left_is_proportional(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 150.0, 154.0, 160.0])
    monkeypatch.setattr("deepvid.progress.time.monotonic", lambda: next(clock))
    ticks: list[Tick] = []
    progress = Progress(ticks.append)
    progress.update(2, 10)  # a resumed job starts at 2
    progress.update(3, 10)  # and compiles: its rate is counted from here
    progress.update(5, 10)
    progress.update(6, 10)
    assert [tick.remaining for tick in ticks[:2]] == [None, None]
    assert ticks[2].remaining == pytest.approx(10.0)  # 2 units in 4 s, 5 units left
    assert ticks[3].remaining == pytest.approx(40 / 3)  # 3 units in 10 s, 4 units left


def test_further_work_has_a_rate_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 10.0, 110.0, 110.0, 111.0, 113.0])
    monkeypatch.setattr("deepvid.progress.time.monotonic", lambda: next(clock))
    ticks: list[Tick] = []
    progress = Progress(ticks.append)
    for done in (0, 1, 10):
        progress.update(done, 10)
    for done in (0, 1, 3):
        progress.update(done, 5)
    assert [tick.remaining for tick in ticks[3:5]] == [None, None]
    assert ticks[5].remaining == pytest.approx(2.0)  # 2 units in 2 s, 2 left


def test_cancel_stops_at_the_next_report() -> None:
    cancel = Event()
    progress = Progress(cancel=cancel)
    progress.update(1, 2)
    cancel.set()
    with pytest.raises(Cancelled, match="Run the same command again"):
        progress.update(2, 2)
    with pytest.raises(Cancelled):
        progress.part(0, 1, 2).check()


def test_a_part_is_a_stretch_of_its_whole() -> None:
    ticks: list[Tick] = []
    Progress(ticks.append).part(2, 4, 10).update(5, 10, "half of the part")
    assert ticks[0][:3] == (3, 10, "half of the part")


def test_silence() -> None:
    SILENT.update(1, 1)
