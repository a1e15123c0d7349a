"""Metrics of a classifier's logits on labeled samples, and their runners-up (NumPy only)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float, Int


LISTED = ("test_accuracy", "test_loss", "calibration_error")
"""Of a teacher, on its test images: what a listing of runs says of it."""


def classification_metrics(
    logits: np.ndarray, labels: np.ndarray, *, independent: bool = False
) -> dict[str, float]:
    """`loss` (mean of -log p of the label, nats), `accuracy` (share), `calibration_error` (see there).

    Of logits (sample, class) and labels int (sample,); p is their softmax or, if independent, sigmoid.
    """
    log_probabilities = log_sigmoid(logits) if independent else log_softmax(logits)
    rows = np.arange(len(labels))
    return {
        "loss": float(-log_probabilities[rows, labels].mean()),
        "accuracy": float((logits.argmax(axis=1) == labels).mean()),
        "calibration_error": calibration_error(np.exp(log_probabilities), labels),
    }


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """f32 (sample,): -log p of the label in nats, of logits (sample, class) and labels int (sample,)."""
    return np.asarray(-log_softmax(logits)[np.arange(len(labels)), labels], np.float32)


def calibration_error(probabilities: np.ndarray, labels: np.ndarray, *, bins: int = 15) -> float:
    """Mean gap between confidence and accuracy over equal bins of confidence, weighted by their samples.

    Of probabilities (sample, class) and labels int (sample,).
    Source: Guo et al. (2017), arXiv 1706.04599, equation 3. Bins are open below and closed above.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    correct = probabilities.argmax(axis=1) == labels
    bin_of = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    gaps = np.bincount(bin_of, correct - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / len(labels))


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Of logits (sample, class); in float64, so that the metrics are exact whatever the number of samples."""
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def log_sigmoid(logits: np.ndarray) -> np.ndarray:
    """Of any shape, in float64."""
    return -np.logaddexp(0, -logits.astype(np.float64))


CHUNK = 1 << 18  # samples at a time


def runner_up(logits: Float[np.ndarray, "sample class"]) -> Int[np.ndarray, " sample"]:
    """int32: the most probable class but the predicted one, of equals the first; of two classes or more."""
    found = np.empty(len(logits), np.int32)
    for begin in range(0, len(logits), CHUNK):
        others = np.array(logits[begin : begin + CHUNK])
        others[np.arange(len(others)), others.argmax(axis=1)] = -np.inf
        found[begin : begin + CHUNK] = others.argmax(axis=1)
    return found


def held_against(
    label: Int[np.ndarray, " sample"] | None, logits: Float[np.ndarray, "sample class"]
) -> Int[np.ndarray, " sample"]:
    """int32: what an answer is held against: its label or, without labels, the runner-up."""
    return runner_up(logits) if label is None else label
