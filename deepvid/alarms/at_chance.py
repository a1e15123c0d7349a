"""The test images are right no more often than by naming their commonest class."""

import numpy as np

from deepvid.alarms.alarm import Rule, TrainingFacts, from_epoch, least_in_a_row
from deepvid.statistics import wilson
from deepvid.wording import percent

BEYOND = 3.0  # standard errors above chance that are no chance
IN_A_ROW = 3  # epochs: some healthy trainings begin that late
NEAR = 0.1  # of the way from chance to one: so far above it accuracy may be, as far as can be told


def commonest(facts: TrainingFacts) -> float:
    """Share of the test images that have their commonest class."""
    return float(np.bincount(facts.test.label).max() / len(facts.test.label))


def _values(facts: TrainingFacts) -> np.ndarray:
    """Standard errors by which accuracy is below chance, where its interval says that it is near to it.

    Of a few images the interval is wide, and nothing is said.
    """
    chance, images = commonest(facts), len(facts.test.label)
    right = (facts.test.predicted == facts.test.label).sum(axis=1)
    error = np.sqrt(chance * (1 - chance) / images)
    if not error:  # there is one class
        return np.full(facts.epochs, np.nan)
    most = np.array([wilson(int(count), images).high for count in right])
    below = (chance - right / images) / error
    near = np.where(most < chance + NEAR * (1 - chance), below, np.nan)
    return least_in_a_row(from_epoch(2, near), IN_A_ROW)


def _sentence(facts: TrainingFacts, epoch: int, value: float) -> str:
    accuracy = float((facts.test.predicted[epoch] == facts.test.label).mean())
    return (
        f"After epoch {epoch + 1} {percent(accuracy, digits=1)} of the test images are right; naming their "
        f"commonest class has {percent(commonest(facts), digits=1)}."
    )


AT_CHANCE = Rule(
    "at_chance",
    "Test images at chance",
    -BEYOND,
    _values,
    _sentence,
    "If the training loss falls, look whether the test labels belong to their images and are numbered alike.",
    "a part of the test labels that is wrong, and test images that the training has met",
)
