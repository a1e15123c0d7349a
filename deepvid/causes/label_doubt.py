"""Label doubt: nothing in the image speaks for its label."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deepvid.causes.cause import Cause, CauseFacts, Evidence, Scores, scores_with
from deepvid.wording import percent

if TYPE_CHECKING:
    from jaxtyping import Float

LEAST_LOST = 0.1  # logits: what less is lost by is rounding
TINY = 1e-12
TAUGHT, LEFT = 7.5, 5.75  # thresholds of the two


def weigh(evidence: Evidence) -> Scores:
    """The larger of two, over their thresholds: how far the label is a wrong one that the teacher was taught,
    and how far it leads the label whichever place is taken away, in logits.

    Where a label is wrong, the answer is right: the teacher is sure, and no single place makes it less so. In
    other errors some place speaks for the answer.
    """
    answer, label = evidence.answers[evidence.errors], evidence.labels[evidence.errors]
    expected = _expected(evidence)[answer, label]
    return scores_with(
        np.maximum(_taught(evidence, expected) / TAUGHT, evidence.left / LEFT), evidence.left, expected
    )


def _taught(evidence: Evidence, expected: Float[np.ndarray, " error"]) -> Float[np.ndarray, " error"]:
    """s / √(median of s),   s = (1 + margin) / (0.1 + d) · r,

    d what the decisive place decides, r how expected the label is: where labels of two classes were swapped,
    the teacher has learned that images of the one are called the other, and these alone. r is the share of
    the label in what it gives to classes other than its answer, for training images whose label is that
    answer. The median over the errors is half accounted for: it differs eightfold between data sets, and is
    itself higher where many labels are wrong.
    """
    doubt = (1 + evidence.margin) / (LEAST_LOST + evidence.decided_by_place) * expected
    return (
        doubt / np.sqrt(max(np.median(doubt[evidence.has_drops]), TINY))
        if evidence.has_drops.any()
        else doubt
    )


def _expected(evidence: Evidence) -> Float[np.ndarray, "predicted label"]:
    """Geometric means of the other classes' probabilities over right training images of each class, as
    shares of their sum; alike where there is no such image.
    """
    classes = evidence.logits.shape[1]
    right = evidence.reference[evidence.answers[evidence.reference] == evidence.labels[evidence.reference]]
    logits, answers = evidence.logits[right].astype(np.float64), evidence.answers[right]
    logits -= logits.max(axis=1, keepdims=True)
    log_probability = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    sums = np.zeros((classes, classes))
    np.add.at(sums, answers, log_probability)
    counts = np.bincount(answers, minlength=classes)[:, None]
    others = np.where(np.eye(classes, dtype=bool), 0, np.exp(sums / np.maximum(counts, 1)))
    return others / others.sum(axis=1, keepdims=True)


def sentence(finding: CauseFacts) -> str:
    left, expected, *_ = finding.facts
    if left / LEFT >= finding.strength * 0.99:
        return (
            f"Probably the label is wrong: whichever place is covered, {finding.predicted} stays {left:.1f} "
            f"logits ahead of {finding.label}."
        )
    return (
        f"Probably the label is wrong: no single place makes the teacher less sure of {finding.predicted}, "
        f"and {finding.label} has {percent(expected)} of what it gives to other classes on such images."
    )


LABEL_DOUBT = Cause(
    "label_doubt",
    "label doubt",
    1.0,
    "look at these labels",
    weigh,
    sentence,
    natural=False,
    right={"Fashion-MNIST": 0.77, "MNIST": 0.94},
    meaning="nothing in the image speaks for its label",
)
