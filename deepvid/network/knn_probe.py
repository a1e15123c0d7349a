"""Votes of the nearest training images on every image, layer by layer.

Source: Baldock, Maennel and Neyshabur (2021), arXiv 2106.09647, section 2: probes of 30 nearest neighbors,
and the depth at which a prediction is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from deepvid.statistics import Interval, wilson

if TYPE_CHECKING:
    from jaxtyping import Int

SHUFFLES = 5  # of the labels, that show what chance gives


class KnnProbe(NamedTuple):
    """Votes of the neighbors of each image at one layer."""

    said: Int[np.ndarray, " sample"]  # the class that most of them have
    votes: Int[np.ndarray, " sample"]  # how many have it


def knn_probe(
    nearest: Int[np.ndarray, "query k"], label: Int[np.ndarray, " point"], classes: int
) -> KnnProbe:
    """The commonest label of the neighbors; of equally common ones that of the nearer ones."""
    samples, k = nearest.shape
    rows = np.arange(samples)
    votes = np.zeros((samples, classes))
    nearer = np.zeros((samples, classes))
    for rank in range(k):
        said = label[nearest[:, rank]]
        votes[rows, said] += 1
        nearer[rows, said] += k - rank
    said = (votes + nearer / (k * k + 1)).argmax(axis=1)  # together less than one vote
    return KnnProbe(said, votes[rows, said].astype(np.int64))


def accuracy(found: KnnProbe, true: Int[np.ndarray, " sample"]) -> Interval:
    """The share of the images of which the neighbors say the true class."""
    return wilson(int((found.said == true).sum()), len(true))


def chance(
    nearest: Int[np.ndarray, "query k"],
    label: Int[np.ndarray, " point"],
    true: Int[np.ndarray, " query"],
    classes: int,
    *,
    seed: int,
) -> float:
    """The accuracy of a probe whose points have shuffled labels, the mean of several shuffles."""
    rng = np.random.default_rng(seed)
    shuffled = (knn_probe(nearest, rng.permutation(label), classes).said for _ in range(SHUFFLES))
    return float(np.mean([(said == true).mean() for said in shuffled]))


def depth(
    said: Int[np.ndarray, "column sample"], predicted: Int[np.ndarray, " sample"]
) -> Int[np.ndarray, " sample"]:
    """The first column from which on all probes say what the network predicts.

    As many as there are columns where even the last one says otherwise.
    """
    agrees = (said == predicted)[::-1]
    return len(said) - np.logical_and.accumulate(agrees, axis=0).sum(axis=0)


def never(
    said: Int[np.ndarray, "column sample"],
    predicted: Int[np.ndarray, " sample"],
    label: Int[np.ndarray, " sample"],
) -> Interval:
    """The share of the errors that no column's probe takes for their class; (nan, 0, 1) without errors."""
    wrong = predicted != label
    return wilson(int((said[:, wrong] != label[wrong]).all(axis=0).sum()), int(wrong.sum()))
