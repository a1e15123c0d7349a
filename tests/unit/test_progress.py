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
    clock = iter([100.0, 104.0])
    monkeypatch.setattr("deepvid.progress.time.monotonic", lambda: next(clock))
    ticks: list[Tick] = []
    progress = Progress(ticks.append)
    progress.update(2, 10)  # a resumed job starts at 2: its rate is counted from there
    progress.update(4, 10)
    assert ticks[1].remaining == pytest.approx(12.0)  # 2 units in 4 s, 6 units left


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
