"""Unlike training: it does not look like the training images of its label."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deepvid.causes.cause import Cause, CauseFacts, Evidence, Scores, scores_with

if TYPE_CHECKING:
    from jaxtyping import Float, UInt8

SIDE = 14  # pixels of an image that is looked at, at most
COMPONENTS = 30
SHARED = 30.0  # images that the spread within all classes counts for, beside those of a class
LEAST_VARIANCE = 1e-3
FARTHEST = 1.5  # thresholds: a patch or noise is farther still, and has a cause of its own
THRESHOLD = 3.0
FEWEST = 10  # images of the other half that tell what is usual
WITHIN = (50, 84)  # percent of them: one standard deviation of a normal distribution
ROWS = 4096  # images at once


def weigh(evidence: Evidence) -> Scores:
    """z of ln d, d the squared Mahalanobis distance to half of the training images of a class, beside that of
    the other half to their own; in principal components of small images. The score is that of the label.
    """
    labels, errors = evidence.labels, evidence.errors
    halves = np.random.default_rng(0).permutation(evidence.reference)
    fitted, others = halves[::2], halves[1::2]
    points = _components(_small(evidence.images), fitted)
    centers, inverses = _spreads(points[fitted], labels[fitted], evidence.logits.shape[1])
    own = _log_distance(points[others], labels[others], centers, inverses)
    own = own[np.isfinite(own)]
    if len(own) < FEWEST:
        return scores_with(np.full(len(errors), np.nan))
    usual, high = np.percentile(own, WITHIN)

    def z(of: np.ndarray) -> np.ndarray:
        return (_log_distance(points[errors], of, centers, inverses) - usual) / max(high - usual, 1e-6)

    to_label, to_answer = z(labels[errors]), z(evidence.answers[errors])
    score = np.clip(to_label, 0, FARTHEST * THRESHOLD)
    return scores_with(score, to_label, to_answer)


def _small(images: UInt8[np.ndarray, "image y x channel"]) -> Float[np.ndarray, "image value"]:
    """Means over the parts of each side, at most `SIDE` of them, of 1."""
    cuts = [np.linspace(0, size, min(size, SIDE) + 1).astype(int) for size in images.shape[1:3]]
    parts = []
    for begin in range(0, len(images), ROWS):
        some = images[begin : begin + ROWS].astype(np.float32) / 255
        for axis, cut in enumerate(cuts, 1):
            lengths = np.diff(cut).reshape([-1 if one == axis else 1 for one in range(4)])
            some = np.add.reduceat(some, cut[:-1], axis=axis) / lengths
        parts.append(some.reshape(len(some), -1))
    return np.concatenate(parts or [np.zeros((0, 1), np.float32)])


def _components(
    values: Float[np.ndarray, "image value"], known: np.ndarray
) -> Float[np.ndarray, "image component"]:
    """In the principal components of those that are known."""
    centered = values - values[known].mean(axis=0)
    _, vectors = np.linalg.eigh(centered[known].T.astype(float) @ centered[known])
    return np.asarray(centered @ vectors[:, -COMPONENTS:])


def _spreads(
    points: Float[np.ndarray, "image component"], classes: np.ndarray, count: int
) -> tuple[Float[np.ndarray, "class component"], Float[np.ndarray, "class component component"]]:
    """Each class's mean, nan of one without images, and the inverse of its covariance, shrunk to that within
    all classes.
    """
    size = points.shape[1]
    centers, scatter = np.full((count, size), np.nan), np.zeros((count, size, size))
    of = [np.flatnonzero(classes == one) for one in range(count)]
    for one, rows in enumerate(of):
        if len(rows):
            centers[one] = points[rows].mean(axis=0)
            around = points[rows] - centers[one]
            scatter[one] = around.T @ around
    within = scatter.sum(axis=0) / max(len(points), 1)
    counts = np.array([len(rows) for rows in of])[:, None, None]
    covariance = (scatter + SHARED * within) / (counts + SHARED) + LEAST_VARIANCE * np.eye(size)
    return centers, np.linalg.inv(covariance)


def _log_distance(
    points: Float[np.ndarray, "image component"],
    classes: np.ndarray,
    centers: Float[np.ndarray, "class component"],
    inverses: Float[np.ndarray, "class component component"],
) -> Float[np.ndarray, " image"]:
    """ln of each one's squared distance to a class; nan to one without images."""
    found = np.full(len(points), np.nan)
    for one in np.unique(classes):
        rows = np.flatnonzero(classes == one)
        away = points[rows] - centers[one]
        found[rows] = np.log(np.maximum(((away @ inverses[one]) * away).sum(axis=1), 1e-12))
    return found


def sentence(finding: CauseFacts) -> str:
    to_label, to_answer, *_ = finding.facts
    nearer = f", and nearer to those of {finding.predicted}" if to_answer < to_label - 1 else ""
    return (
        f"It looks unlike the training images of {finding.label}: {to_label:.1f} standard deviations farther "
        f"from them than they usually are{nearer}."
    )


UNLIKE_TRAINING = Cause(
    "unlike_training",
    "unlike training",
    THRESHOLD,
    "collect such images",
    weigh,
    sentence,
    natural=True,
    right={"Fashion-MNIST": 0.84, "MNIST": 0.85},
    meaning="it looks like few training images of its label",
)
