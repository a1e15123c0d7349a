"""The classifier is sure of another class than the label on more of the training images."""

import numpy as np

from deepvid.alarms.alarm import Rule, TrainingFacts, both, from_epoch

BEYOND = 3.0  # standard errors of the difference
FIRST = 3  # epoch from which it judges


def _values(facts: TrainingFacts) -> np.ndarray:
    return from_epoch(FIRST, facts.excess(lambda answers: answers.contradicted))


def _sentence(facts: TrainingFacts, epoch: int, value: float) -> str:
    train, test = (100 * answers.contradicted[epoch].mean() for answers in both(facts))
    return (
        f"After epoch {epoch + 1} the classifier is more than 80 % sure of another class than the label on "
        f"{train:.1f} % of its training images, and on {test:.1f} % of the test images."
    )


CONTRADICTED_LABELS = Rule(
    "contradicted_labels",
    "Labels of training images are contradicted",
    BEYOND,
    _values,
    _sentence,
    "Review the labels: the page has Review, on Diagnose.",
    "labels so often wrong that the classifier is sure of nothing",
)
