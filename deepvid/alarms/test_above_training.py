"""More of the test images are right than of the training images."""

import numpy as np

from deepvid.alarms.alarm import Rule, TrainingFacts, both, from_epoch

BEYOND = 3.0  # standard errors of the difference
FIRST = 4  # epoch from which it judges


def _values(facts: TrainingFacts) -> np.ndarray:
    return from_epoch(FIRST, -facts.excess(lambda answers: answers.right))


def _sentence(facts: TrainingFacts, epoch: int, value: float) -> str:
    train, test = (100 * answers.right[epoch].mean() for answers in both(facts))
    return (
        f"After epoch {epoch + 1} {train:.1f} % of the training images are right, which it has seen, and "
        f"{test:.1f} % of the test images."
    )


TEST_ABOVE_TRAINING = Rule(
    "test_above_training",
    "Test images are easier than training images",
    BEYOND,
    _values,
    _sentence,
    "Review the labels of the training images, or whether the test images are easier ones.",
    "labels that are wrong in both halves",
)
