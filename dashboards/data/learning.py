"""How images were learned: what the teacher called each of them after every epoch.

Source: Toneva et al. (2019), An Empirical Study of Example Forgetting during Deep Neural Network Learning,
ICLR.
"""

from typing import NamedTuple

import numpy as np

from deepvid.store import Run


class Learned(NamedTuple):
    """f32 (row,) each; nan of images that the epochs do not have."""

    flips: np.ndarray  # how often its class changed from one epoch to the next
    forgotten: np.ndarray  # how often it was right, and wrong after the next epoch
    since: np.ndarray  # the epoch, from 1, from which it was right to the end; nan where it is wrong then


def has_epochs(run: Run) -> bool:
    """Whether there are two epochs to compare."""
    series = run.series("teacher")
    return series is not None and series.epochs > 1


def epochs_of(run: Run) -> tuple[str, int]:
    """Which ones `learned` reads: while they stay, so does what it finds."""
    series = run.series("teacher")
    assert series is not None
    return series.key, series.epochs


def learned(run: Run, row_of_sample: np.ndarray, label: np.ndarray) -> Learned:
    """Of the rows with these labels, where `has_epochs`; the answers of two epochs are in memory at once."""
    series = run.series("teacher")
    assert series is not None
    answers = series.open("test_logits", "sample")
    row = row_of_sample[answers["sample"].to_numpy()]
    shown = row >= 0
    true = label[row[shown]]
    flips, forgotten = np.zeros((2, len(true)), np.float32)
    since = np.full(len(true), np.nan, np.float32)
    before = None
    for epoch in range(answers.sizes["epoch"]):
        named = answers["test_logits"][epoch].to_numpy()[shown].argmax(axis=1)
        right = named == true
        if before is not None:
            flips += named != before
            forgotten += (before == true) & ~right
        since = np.where(right, np.where(np.isnan(since), epoch + 1, since), np.nan)
        before = named
    found = np.full((3, len(label)), np.nan, np.float32)
    found[:, row[shown]] = flips, forgotten, since
    return Learned(*found)
