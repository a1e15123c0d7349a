"""Steps of the epoch under way: a file that pages read and nobody relies on."""

from pathlib import Path

import numpy as np
import pytest

from deepvid.store import LiveSteps, read_live
from deepvid.store.writing import live as module
from deepvid.store.writing.live import LIVE, ROW


def rows(epoch: int, *numbers: tuple[int, float, float]) -> np.ndarray:
    return np.array([(epoch, *each) for each in numbers], ROW)


def test_rows_are_means_since_the_row_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([0.0, 0.1, 1.0, 2.0])
    monkeypatch.setattr(module.time, "monotonic", lambda: next(now) + 10)
    steps = LiveSteps(tmp_path)
    for loss in (4.0, 3.0, 2.0):
        steps.add(5, np.array([[loss, np.nan]]))
    assert read_live(tmp_path, 4).size == 0
    found = read_live(tmp_path, 5)
    assert found[["step", "loss"]].tolist() == [(1, 4.0), (3, 2.5)]
    assert np.isnan(found["accuracy"]).all()
    steps.add(6, np.array([[1.0, 0.5]]))
    assert read_live(tmp_path, 5).size == 0
    assert read_live(tmp_path, 6)[["step", "loss", "accuracy"]].tolist() == [(1, 1.0, 0.5)]
    steps.close()
    assert not (tmp_path / LIVE).exists()


def test_a_row_that_is_torn_is_left_out_and_one_of_a_killed_process_replaced(tmp_path: Path) -> None:
    data = rows(0, (1, 2.0, 0.1), (2, 1.0, 0.2)).tobytes()
    (tmp_path / LIVE).write_bytes(data[:-3])
    assert read_live(tmp_path, 0)["step"].tolist() == [1]
    LiveSteps(tmp_path).add(0, np.array([[9.0, 0.0]]))
    assert read_live(tmp_path, 0)["loss"].tolist() == [9.0]


@pytest.mark.parametrize("wrong", ["folder", "link", "nothing"])
def test_what_is_no_such_file_says_nothing_and_stops_no_training(tmp_path: Path, wrong: str) -> None:
    if wrong == "folder":
        (tmp_path / LIVE).mkdir()
    elif wrong == "link":
        (tmp_path / "other").write_bytes(rows(0, (1, 2.0, 0.1)).tobytes())
        (tmp_path / LIVE).symlink_to(tmp_path / "other")
    assert read_live(tmp_path, 0).size == 0
    assert read_live(tmp_path / "none", 0).size == 0
    LiveSteps(tmp_path).add(0, np.array([[9.0, 0.0]]))
    if wrong == "link":
        assert (tmp_path / "other").stat().st_size == ROW.itemsize  # what it led to is as it was
