"""Whether an explanation can be believed: one rule, from what is stored of a student and its explanation.

*cannot tell*: on neighbors that it never saw, the student is not shown to agree with its teacher more often
than guessing the commonest label would: the lower end of its agreement's interval does not exceed the floor.

*explained*: it is, and its picture can be read: student and teacher agree on the image, the teacher knows the
autoencoder's copy of it, the divergence is small, other neighbors would give the same picture, and the pixels
that it names cost the teacher more of its margin than pixels at random do. What was not measured does not
count.

*weak*: between the two.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

DIVERGENCE = 0.1  # nats, at most
STABILITY = 0.7  # cosine, at least


class Verdict(IntEnum):
    """In the order of trust; unknown where there is no student."""

    UNKNOWN = 0
    CANNOT_TELL = 1
    WEAK = 2
    EXPLAINED = 3


class Evidence(NamedTuple):
    """Evidence that the verdict follows from, one entry a student; nan where something was not measured."""

    agreement_low: np.ndarray  # lower end of the 95 % interval
    floor: np.ndarray  # what guessing the commonest label would reach
    kl: np.ndarray  # nats
    gate: np.ndarray  # 1: the teacher gives the autoencoder's copy the image's class
    agrees_on_sample: np.ndarray  # 1: student and teacher agree on the image
    stability: np.ndarray  # cosine of the pictures of two halves of the neighbors
    margin_lost: np.ndarray  # logits, by the student's strongest pixels beyond random ones
    margin_chance: np.ndarray  # what random ones reach in 97.5 % of draws


def verdicts(evidence: Evidence) -> np.ndarray:
    """`Verdict` of each student, uint8."""
    tells = evidence.agreement_low > evidence.floor
    believable = np.all([met | np.isnan(value) for met, value in _criteria(evidence).values()], axis=0)
    return np.where(tells, np.where(believable, Verdict.EXPLAINED, Verdict.WEAK), Verdict.CANNOT_TELL).astype(
        np.uint8
    )


def reasons(evidence: Evidence) -> tuple[str, ...]:
    """Reasons that keep one student (entries of shape ()) from being explained, in words."""
    if not evidence.agreement_low > evidence.floor:
        return ("it is not shown to agree with the teacher more often than guessing would",)
    return tuple(words for words, (met, value) in _criteria(evidence).items() if not (met or np.isnan(value)))


def _criteria(evidence: Evidence) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Whether each criterion, in words of its failure, is met, and the value to be known for it to count."""
    beyond, kl = evidence.margin_lost - evidence.margin_chance, evidence.kl
    agrees, gate = (np.asarray(known, float) for known in (evidence.agrees_on_sample, evidence.gate))
    return {
        "student and teacher disagree on this very image": (agrees > 0.5, agrees),
        "the autoencoder's copy is another class to the teacher": (gate > 0.5, gate),
        f"its probabilities are more than {DIVERGENCE} nat from the teacher's": (kl <= DIVERGENCE, kl),
        "other neighbors would give another picture": (evidence.stability >= STABILITY, evidence.stability),
        "its strongest pixels matter to the teacher no more than random ones": (beyond > 0, beyond),
    }
