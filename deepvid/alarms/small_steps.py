"""All layers hardly move, even where the learning rate is at its peak."""

import math

import numpy as np

from deepvid.alarms.alarm import Rule, TrainingFacts

LEAST = 4.2  # powers of ten below the parameters, at the largest rate until now
LEARNED = 0.05  # of the loss of guessing: a training below has little left to move for


def _values(facts: TrainingFacts) -> np.ndarray:
    """Steps of an epoch, as they were at the largest rate until then: the end of a schedule is no fault, and
    neither are the steps of a training that has learned all."""
    if facts.record is None:
        return np.full(facts.epochs, np.nan)
    rate = facts.record.rate
    with np.errstate(divide="ignore", invalid="ignore"):
        lowered = np.log10(rate / np.fmax.accumulate(rate))
    learned = facts.training_loss < LEARNED * math.log(max(2, facts.classes))
    return np.where(learned, np.nan, lowered - np.median(facts.record.ratio, axis=1))


def _sentence(facts: TrainingFacts, epoch: int, value: float) -> str:
    return (
        f"In epoch {epoch + 1} a step moves the median layer by {10**-value:.1g} of its size at the largest "
        "rate until now."
    )


SMALL_STEPS = Rule(
    "small_steps",
    "Steps too small",
    LEAST,
    _values,
    _sentence,
    "Raise the learning rate.",
    "steps that are large and lead nowhere",
)
