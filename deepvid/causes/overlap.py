"""The classes overlap here: images of both classes lie around it, and the teacher gives the label much."""

from __future__ import annotations

import numpy as np

from deepvid.causes.cause import Cause, CauseFacts, Evidence, Scores, scores_with
from deepvid.wording import bare, percent

TIMES = {1: "once", 2: "twice"}


def weigh(evidence: Evidence) -> Scores:
    """√(p · n), p the teacher's probability of the label, n its share among the nearest training images."""
    logits, label = evidence.logits[evidence.errors].astype(float), evidence.labels[evidence.errors]
    likely = np.exp(logits - logits.max(axis=1, keepdims=True))
    of_label = np.take_along_axis(likely, label[:, None], axis=1)[:, 0] / likely.sum(axis=1)
    flips = np.full(len(label), np.nan) if evidence.late_flips is None else evidence.late_flips
    near, answer = evidence.neighbors, evidence.answers[evidence.errors]
    if not near.shape[1]:
        return scores_with(of_label, *np.full((2, len(label)), np.nan), of_label, flips)
    own, other = ((near == of[:, None]).mean(axis=1) for of in (label, answer))
    return scores_with(np.sqrt(of_label * own), own, other, of_label, flips)


def sentence(finding: CauseFacts) -> str:
    label, predicted, probability = finding.label, finding.predicted, bare(finding.facts[2])
    overlap = f"{predicted} and {label} overlap here: the teacher gives {label} {probability}."
    return f"{overlap} {neighbors(finding)} {_changes(*finding.facts[3:4])}".strip()


def _changes(flips: float = np.nan) -> str:
    """Earlier versions did not keep it."""
    if not flips >= 1:
        return ""
    return f"Late in the training its answer changed {TIMES.get(int(flips), f'{flips:.0f} times')}."


def neighbors(finding: CauseFacts) -> str:
    """A sentence about the labels of the nearest training images; empty where there are none."""
    own, other = finding.facts[:2]
    if own != own:
        return ""
    shares = sorted([(other, finding.predicted), (own, finding.label)], reverse=True)
    parts = [f"{percent(share)} are {name}" if share else f"none is {name}" for share, name in shares]
    return f"Of its nearest training images {', '.join(parts)}."


OVERLAP = Cause(
    "overlap",
    "classes overlap",
    0.2,
    "compare images of both classes",
    weigh,
    sentence,
    natural=True,
    right={"Fashion-MNIST": 0.36, "MNIST": 0.78},
    meaning="images of both classes lie around it, and the teacher hesitates",
)
