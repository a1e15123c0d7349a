"""Labels in a logged training: which were changed, and which were trained with when."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trainings import IMAGES, LABELS, NAMES, TEST, given

import deepvid
from deepvid.errors import DataError
from deepvid.logger import LoggedRun
from deepvid.store import Run, open_run, verify, write_archive

ORDER = np.argsort(TEST, kind="stable")
TRAINING = int((~TEST).sum())
ORIGINAL = np.where(np.arange(60) % 7 == 0, (LABELS + 1) % 3, LABELS)  # every seventh was changed


def begin(store: Path, **changed: Any) -> LoggedRun:
    wanted = {"labels": LABELS, "test": TEST, "epochs": 3, "class_names": NAMES, "store": store}
    return deepvid.log_run("toy", IMAGES, **wanted | changed)


def labeled(epoch: int) -> np.ndarray:
    """Ten more of the training images every epoch, bool (image,) in the order given."""
    mask = np.zeros(60, bool)
    mask[ORDER[: 10 * (epoch + 1)]] = True
    return mask


def teacher(run: Run) -> Any:
    series = run.series("teacher")
    assert series is not None
    return series.open()


def test_c_n1_labels_before_they_were_changed_are_stored_in_the_order_of_the_store(tmp_path: Path) -> None:
    with begin(tmp_path, original=ORIGINAL) as run:
        run.epoch(**given(0))
    dataset = open_run(run.path).stages["dataset"].open()
    np.testing.assert_array_equal(dataset["original_label"], ORIGINAL[ORDER])
    np.testing.assert_array_equal(dataset["label"], LABELS[ORDER])
    assert "labeled" not in teacher(open_run(run.path))
    assert verify(tmp_path).ok
    assert verify(write_archive(open_run(run.path), tmp_path / "toy.zip")).ok


def test_originals_may_be_names_as_labels_may(tmp_path: Path) -> None:
    names = np.array(NAMES)
    with begin(tmp_path, labels=names[LABELS], original=names[ORIGINAL], class_names=None) as run:
        run.epoch(**given(0))
    stored = open_run(run.path).stages["dataset"].open()
    np.testing.assert_array_equal(stored["original_label"], ORIGINAL[ORDER])


def test_an_index_is_the_same_class_before_and_after(tmp_path: Path) -> None:
    """Labels that count from 1 keep their first class where all of it were changed."""
    label, original = np.where(LABELS == 0, 1, LABELS) + 1, LABELS + 1
    with begin(tmp_path, labels=label, original=original) as run:
        run.epoch(**given(0))
    stored = open_run(run.path).stages["dataset"].open()
    np.testing.assert_array_equal(stored["label"], label[ORDER] - 1)
    np.testing.assert_array_equal(stored["original_label"], LABELS[ORDER])


@pytest.mark.parametrize(
    ("original", "found"),
    [
        (ORIGINAL[:-1], "int64 of shape (59,)"),
        (np.array(NAMES)[ORIGINAL], "<U3 of shape (60,)"),
        (np.where(np.arange(60) == 4, 3, ORIGINAL), "3 at image 4 of the original of"),
        ([[0, 1], 2], "Original labels are one array or tensor"),
    ],
)
def test_originals_that_fit_no_labels_are_told(original: Any, found: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        begin(tmp_path / "runs", original=original)
    assert found in str(caught.value)
    assert not (tmp_path / "runs").exists()


def test_c_l1_labeled_images_of_every_epoch_are_stored(tmp_path: Path) -> None:
    with begin(tmp_path) as run:
        for epoch in range(3):
            run.epoch(**given(epoch), labeled=labeled(epoch))
    stored = teacher(open_run(run.path))["labeled"].to_numpy()
    assert stored.shape == (3, TRAINING)
    assert stored.sum(axis=1).tolist() == [10, 20, 30]
    np.testing.assert_array_equal(stored[1], np.arange(TRAINING) < 20)
    assert verify(tmp_path).ok


@pytest.mark.parametrize(
    ("mask", "found"),
    [
        (labeled(0)[:-1], "bool of shape (59,)"),
        (labeled(0)[~TEST], "bool of shape (45,)"),
        (labeled(0).astype(int), "int64 of shape (60,)"),
        (np.ones(60, bool), "15 test images among them"),
    ],
)
def test_a_mask_that_does_not_fit_is_told_and_the_training_goes_on(
    mask: np.ndarray, found: str, tmp_path: Path
) -> None:
    with begin(tmp_path) as run:
        with pytest.raises(DataError) as caught:
            run.epoch(**given(0), labeled=mask)
        assert found in str(caught.value)
        run.epoch(**given(0), labeled=labeled(0))
    assert teacher(open_run(run.path)).sizes["epoch"] == 1


@pytest.mark.parametrize(("first", "then"), [(None, labeled(1)), (labeled(0), None)])
def test_labeled_images_are_told_at_every_epoch_or_at_none(first: Any, then: Any, tmp_path: Path) -> None:
    with begin(tmp_path) as run:
        run.epoch(**given(0), labeled=first)
        with pytest.raises(DataError, match="a mask of the labeled images, or none has"):
            run.epoch(**given(1), labeled=then)
        run.epoch(**given(1), labeled=labeled(1) if then is None else None)


def test_a_run_that_is_resumed_knows_both(tmp_path: Path) -> None:
    run = begin(tmp_path, original=ORIGINAL)
    run.__enter__()
    run.epoch(**given(0), labeled=labeled(0))
    run.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    with (
        pytest.raises(DataError, match="others than"),
        begin(tmp_path, original=LABELS, resume=run.id),
    ):
        pass
    with begin(tmp_path, original=ORIGINAL, resume=run.id) as again:
        again.epoch(**given(1), labeled=labeled(1))
    assert teacher(open_run(run.path))["labeled"].to_numpy().sum(axis=1).tolist() == [10, 20]
