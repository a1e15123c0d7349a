"""The class that a classifier nearly gives: what its answer is held against where nobody knows the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float, Int

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
