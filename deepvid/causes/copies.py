"""Copies: the same picture, or nearly the same, has another label elsewhere."""

from __future__ import annotations

import numpy as np

from deepvid.causes.cause import Cause, CauseFacts, Evidence, Scores, scores_with

LEAST = 0.1  # added to a distance, so that the same picture has a finite strength


def weigh(evidence: Evidence) -> Scores:
    """1 / (0.1 + the distance over the usual one) where labels differ, else 0; nan where nobody looked."""
    if evidence.copies is None:
        return scores_with(np.full(len(evidence.errors), np.nan))
    label, distance = evidence.copies
    differs = (label >= 0) & (label != evidence.labels[evidence.errors])
    score = np.where(differs, 1 / (LEAST + np.nan_to_num(distance)), 0.0)
    return scores_with(score, label.astype(float), distance)


def sentence(finding: CauseFacts) -> str:
    other, distance = finding.facts[:2]
    same = "Nearly the same picture" if distance > 0 else "The same picture"
    return f"{same} is labeled {finding.class_names[int(other)]} elsewhere; here it is {finding.label}."


COPIES = Cause(
    "copies",
    "copy with another label",
    1.0,
    "remove one of them",
    weigh,
    sentence,
    natural=False,
    right={},
    meaning="the same picture, or nearly the same, has another label elsewhere",
)
