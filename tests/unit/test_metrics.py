"""Metrics on numbers a person can check."""

import numpy as np
import pytest

from deepvid.metrics import calibration_error, classification_metrics


def test_loss_and_accuracy_by_hand() -> None:
    # Probabilities (3/4, 1/4) and (1/2, 1/2): right with ln(4/3); a tie counts as class 0, wrong, ln 2.
    logits = np.log(np.array([[0.75, 0.25], [0.5, 0.5]], np.float32))
    metrics = classification_metrics(logits, np.array([0, 1]))
    assert metrics["accuracy"] == 0.5
    assert metrics["loss"] == pytest.approx((np.log(4 / 3) + np.log(2)) / 2, rel=1e-6)


def test_calibration_error_by_hand() -> None:
    # Of ten bins two are filled: 0.9 twice, right once (gap 0.4); 0.6 twice, right twice (gap 0.4).
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]])
    labels = np.array([0, 1, 0, 0])
    assert calibration_error(probabilities, labels, bins=10) == pytest.approx((2 * 0.4 + 2 * 0.4) / 4)


def test_gaps_of_one_bin_cancel_but_not_those_of_two() -> None:
    probabilities = np.array([[0.75, 0.25]] * 4)
    assert calibration_error(probabilities, np.array([0, 0, 0, 1])) == pytest.approx(0)
    assert calibration_error(np.array([[1.0, 0], [1.0, 0]]), np.array([1, 1])) == 1
