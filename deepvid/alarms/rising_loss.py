"""The loss of the test images has been rising since its best epoch."""

import numpy as np

from deepvid.alarms.alarm import Rule, TrainingFacts, least_in_a_row

RISE = 0.05  # of the best loss, that counts
BEYOND = 3.0  # standard errors of the paired difference
IN_A_ROW = 2  # epochs


def _values(facts: TrainingFacts) -> np.ndarray:
    """The lesser of two standard scores in a row, where the loss also rose by a twentieth."""
    scores, mean = np.full(facts.epochs, np.nan), facts.test.loss.mean(axis=1)
    for epoch in range(1, facts.epochs):
        best = int(mean[:epoch].argmin())
        rise = (facts.test.loss[epoch] - facts.test.loss[best]).astype(np.float64)
        error = rise.std() / np.sqrt(len(rise))
        if rise.mean() > RISE * mean[best] and error:
            scores[epoch] = rise.mean() / error
    return least_in_a_row(scores, IN_A_ROW)


def _sentence(facts: TrainingFacts, epoch: int, value: float) -> str:
    mean = facts.test.loss.mean(axis=1)
    best = int(mean[:epoch].argmin())
    return (
        f"The test loss rises: {mean[best]:.2f} nats after epoch {best + 1}, {mean[epoch]:.2f} after epoch "
        f"{epoch + 1}."
    )


RISING_LOSS = Rule(
    "rising_loss",
    "Test loss rises",
    BEYOND,
    _values,
    _sentence,
    "Take the parameters of the best epoch, stop earlier, or regularize; accuracy need not fall with it.",
    "wrong labels of a part of the training images, and a mark that gives their class away, in four of six",
)
