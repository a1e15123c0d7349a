"""The loss while training is no better than that of guessing among the classes."""

import math

import numpy as np

from deepvid.alarms.alarm import Rule, TrainingFacts, from_epoch


def _values(facts: TrainingFacts) -> np.ndarray:
    return from_epoch(3, facts.training_loss / math.log(max(2, facts.classes)))


def _sentence(facts: TrainingFacts, epoch: int, value: float) -> str:
    loss, guessing = facts.training_loss[epoch], math.log(facts.classes)
    return (
        f"In epoch {epoch + 1} the training loss is {loss:.2f} nats; guessing among {facts.classes} classes "
        f"has {guessing:.2f}."
    )


WORSE_THAN_GUESSING = Rule(
    "worse_than_guessing",
    "Worse than guessing",
    1.0,
    _values,
    _sentence,
    "Lower the rate, or raise it if the loss hardly moves; look whether labels belong to their images.",
    "faults that leave some of the training right, as wrong labels of a part of the images",
)
