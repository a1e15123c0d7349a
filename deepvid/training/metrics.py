"""How good a classifier's logits are on labeled samples (NumPy only)."""

import numpy as np
from jaxtyping import Float, Int


def classification_metrics(
    logits: Float[np.ndarray, "sample class"], labels: Int[np.ndarray, " sample"]
) -> dict[str, float]:
    """`loss` (cross-entropy, nats), `accuracy` (share), `calibration_error` (see there)."""
    log_probabilities = log_softmax(logits)
    rows = np.arange(len(labels))
    return {
        "loss": float(-log_probabilities[rows, labels].mean()),
        "accuracy": float((logits.argmax(axis=1) == labels).mean()),
        "calibration_error": calibration_error(np.exp(log_probabilities), labels),
    }


def calibration_error(
    probabilities: Float[np.ndarray, "sample class"], labels: Int[np.ndarray, " sample"], *, bins: int = 15
) -> float:
    """Mean gap between confidence and accuracy over equal bins of confidence, weighted by their samples.

    Source: Guo et al. (2017), arXiv 1706.04599, equation 3. Bins are open below and closed above.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    correct = probabilities.argmax(axis=1) == labels
    bin_of = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    gaps = np.bincount(bin_of, correct - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / len(labels))


def log_softmax(logits: Float[np.ndarray, "sample class"]) -> Float[np.ndarray, "sample class"]:
    """In float64, so that the metrics are exact whatever the number of samples."""
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
