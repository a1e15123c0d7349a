"""Training images are harder than test images."""

import numpy as np

from deepvid.alarms.alarm import Rule, TrainingFacts, both, from_epoch

BEYOND = 3.0  # standard errors of the difference
FIRST = 3  # epoch from which it judges


def _values(facts: TrainingFacts) -> np.ndarray:
    return from_epoch(FIRST, facts.excess(lambda answers: answers.loss))


def _sentence(facts: TrainingFacts, epoch: int, value: float) -> str:
    train, test = (answers.loss[epoch].mean() for answers in both(facts))
    return (
        f"After epoch {epoch + 1} the loss is {train:.2f} nats on training images, which it has seen, and "
        f"{test:.2f} on the test images."
    )


HARDER_THAN_TEST = Rule(
    "harder_than_test",
    "Training images are harder than test images",
    BEYOND,
    _values,
    _sentence,
    "Review the labels of the training images, or whether the test images are easier ones.",
    "labels that are wrong in both halves",
)
