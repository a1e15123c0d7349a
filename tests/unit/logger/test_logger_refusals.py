"""Arrays that cannot be logged raise in three parts where they enter, and what was logged before stays."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trainings import IMAGES, LABELS, NAMES, TEST, answers, given

import deepvid
from deepvid.errors import ConfigError, DataError, StoreError, UserError
from deepvid.logger import LoggedRun
from deepvid.store import find_run, open_run


def begin(store: Path, **changed: Any) -> LoggedRun:
    wanted = {"name": "toy", "images": IMAGES, "labels": LABELS, "test": TEST, "epochs": 3}
    return deepvid.log_run(**{**wanted, "class_names": NAMES, "store": store, **changed})


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"name": "My run"}, "must be 1 to 48 small letters"),
        ({"epochs": 0}, "whole number from 1. Found: 0"),
        ({"epochs": None}, "whole number from 1. Found: None"),
        ({"labels": LABELS[:-1]}, "60 images and 59 labels"),
        ({"labels": LABELS * 2}, "4 at image 2"),
        ({"labels": LABELS - 1}, "-1 at image 0"),
        ({"labels": LABELS + 0.5}, "0.5 at image 0"),
        ({"labels": [None] * 60}, "Labels are one array or tensor"),
        ({"labels": np.zeros(60, int), "class_names": None}, "1 (0)"),
        ({"images": IMAGES * 2.5}, "Pixels of float64 lie in 0 to 1"),
        ({"images": IMAGES.reshape(60, -1)}, "shape (60, 216)"),
        ({"images": [1, [2, 3]]}, "Images are one array or tensor"),
        ({"test": TEST[:-1]}, "bool of shape (59,)"),
        ({"test": TEST.astype(int)}, "of a mask of 0 and 1: .astype(bool)"),
        ({"test": [3, 60]}, "int64 of shape (2,)"),
        ({"test": np.zeros(60, bool)}, "0 test images of 60"),
        ({"test": np.arange(60)}, "60 test images of 60"),
    ],
)
def test_what_no_run_can_begin_with_is_told_before_anything_is_written(
    changed: dict[str, Any], found: str, tmp_path: Path
) -> None:
    with pytest.raises((DataError, ConfigError)) as caught:
        begin(tmp_path / "runs", **changed)
    assert found in str(caught.value)
    assert not (tmp_path / "runs").exists()


def nan_at(row: int, *names: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Row `row` of these arrays all NaN."""

    def change(epoch: dict[str, Any]) -> dict[str, Any]:
        for name in names:
            epoch[name] = np.where(np.arange(60)[:, None] == row, np.nan, epoch[name])
        return epoch

    return change


def one_nan(epoch: dict[str, Any]) -> dict[str, Any]:
    epoch["features"][7, 2] = np.nan
    return epoch


WEIGHT, BIAS = answers(0).head


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda epoch: epoch | {"logits": epoch["logits"][:-1]}, "59 rows"),
        (lambda epoch: epoch | {"features": epoch["features"][:48]}, "without shuffling or dropping"),
        (lambda epoch: epoch | {"logits": epoch["logits"][:, :2]}, "each of the 3 classes. Found: 2 columns"),
        (lambda epoch: epoch | {"logits": epoch["logits"].argmax(1)}, "int64 of shape (60,)"),
        (lambda epoch: epoch | {"logits": epoch["logits"].astype(str)}, "<U"),
        (lambda epoch: epoch | {"features": epoch["features"][:, :0]}, "A sample has features"),
        (one_nan, "1 of 60 rows with other NaN or infinity, the first is row 7"),
        (nan_at(7, "logits"), "the first is row 7"),
        (nan_at(5, "logits", "features"), "1 test images with rows of NaN"),
        (lambda epoch: epoch | {"logits": epoch["logits"] * np.inf}, "60 of 60 rows"),
        (lambda epoch: epoch | {"head": (WEIGHT[:, :2], BIAS)}, "weights (5, 2) and a bias (3,)"),
        (lambda epoch: epoch | {"head": (WEIGHT, BIAS[:2])}, "a bias (2,)"),
        (lambda epoch: epoch | {"head": (WEIGHT, BIAS + 1)}, "logits that are up to 1 away"),
        (lambda epoch: epoch | {"features": np.maximum(epoch["features"], 0)}, "in evaluation mode"),
        (lambda epoch: epoch | {"head": 7}, "Found: int"),
        (lambda epoch: epoch | {"head": (WEIGHT, BIAS, BIAS)}, "a pair (weight, bias)"),
        (lambda epoch: epoch | {"metrics": {"note": "fine"}}, "Metrics are numbers"),
    ],
)
def test_an_epoch_that_does_not_fit_is_told_and_the_training_goes_on(
    change: Callable[[dict[str, Any]], dict[str, Any]], found: str, tmp_path: Path
) -> None:
    with begin(tmp_path) as run:
        with pytest.raises(DataError) as caught:
            run.epoch(**change(given(0)))
        assert found in str(caught.value)
        assert run.epochs == 0
        run.epoch(**given(0))
    assert open_run(run.path).status().state == "finished"


def test_all_training_images_out_of_use_is_refused(tmp_path: Path) -> None:
    logits, features, _ = answers(0)
    logits[~TEST], features[~TEST] = np.nan, np.nan
    with begin(tmp_path) as run:
        with pytest.raises(DataError, match="rows of NaN for all of them"):
            run.epoch(logits=logits, features=features)
        run.epoch(**given(0))


def test_later_epochs_are_of_the_form_of_the_first(tmp_path: Path) -> None:
    logits, features, head = answers(1)
    with begin(tmp_path) as run:
        run.epoch(**given(0))
        with pytest.raises(DataError, match="5 features, like the first"):
            run.epoch(
                logits=features[:, :4] @ head[0][:4], features=features[:, :4], head=(head[0][:4], None)
            )
        with pytest.raises(DataError, match="none after epochs with it"):
            run.epoch(logits=logits, features=features)
        run.epoch(**given(1))
    with begin(tmp_path) as run:
        run.epoch(logits=logits, features=features)
        with pytest.raises(DataError, match="one after epochs without it"):
            run.epoch(**given(1))


def test_more_epochs_than_there_is_room_for_are_refused_and_none_is_lost(tmp_path: Path) -> None:
    with begin(tmp_path, epochs=2) as run:
        run.epoch(**given(0))
        run.epoch(**given(1))
        with pytest.raises(DataError, match="fewer may come"):
            run.epoch(**given(2))
    stored = open_run(run.path)
    assert stored.status().state == "finished"
    assert stored.summary["epochs"] == {"teacher": 2}


def test_a_run_without_an_epoch_is_told_and_not_finished(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Call run\.epoch"), begin(tmp_path) as run:
        pass
    assert open_run(run.path).status().state == "interrupted"


def test_an_epoch_outside_its_with_statement_is_told(tmp_path: Path) -> None:
    run = begin(tmp_path)
    with pytest.raises(DataError, match="inside a with statement"):
        run.epoch(**given(0))
    with run:
        run.epoch(**given(0))
    with pytest.raises(DataError, match="inside a with statement"):
        run.epoch(**given(1))


def stopped(store: Path, error: type[BaseException]) -> None:
    with begin(store) as run:
        run.epoch(**given(0))
        raise error


def test_an_error_of_the_training_is_in_the_run_and_its_epochs_stay(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        stopped(tmp_path, ZeroDivisionError)
    stored = open_run(find_run(tmp_path, "toy"))
    status = stored.status()
    assert status.state == "failed"
    assert status.error is not None
    assert "ZeroDivisionError" in status.error[1]
    assert stored.summary["epochs"] == {"teacher": 1}


def test_ctrl_c_interrupts_and_keeps_the_epochs(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        stopped(tmp_path, KeyboardInterrupt)
    stored = open_run(find_run(tmp_path, "toy"))
    assert stored.status().state == "interrupted"
    assert stored.summary["epochs"] == {"teacher": 1}


def test_an_interrupted_run_can_be_ended_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        stopped(tmp_path, KeyboardInterrupt)
    with begin(tmp_path, resume="toy") as run:
        assert run.epochs == 1
    stored = open_run(run.path)
    assert stored.status().state == "finished"
    np.testing.assert_allclose(stored.open("teacher")["logits"][45:], answers(0).logits[TEST], rtol=1e-5)


def test_a_store_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    with pytest.raises(StoreError, match="A store is a folder"), begin(tmp_path / "runs"):
        pass


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"epochs": 5}, "others than toy-"),
        ({"labels": LABELS[::-1]}, "others than toy-"),
        ({"name": "other"}, "others than toy-"),
        ({"resume": "nothing"}, "'nothing' begins the id of one run"),
    ],
)
def test_another_training_does_not_continue_a_run(
    changed: dict[str, Any], found: str, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt), begin(tmp_path):
        raise KeyboardInterrupt
    with pytest.raises(UserError, match=found), begin(tmp_path, **{"resume": "toy", **changed}):
        pass


def test_a_finished_run_is_not_resumed(tmp_path: Path) -> None:
    with begin(tmp_path) as run:
        run.epoch(**given(0))
    with pytest.raises(StoreError, match="finished after 1 epochs"), begin(tmp_path, resume=run.id):
        pass
