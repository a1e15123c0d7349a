"""Nearly all test images are given the same class."""

import numpy as np

from deepvid.alarms.alarm import Rule, TrainingFacts, from_epoch
from deepvid.wording import percent

MOST = 0.8  # of the test images
FAIR = 1.5  # times its own share that a class may be given


def _values(facts: TrainingFacts) -> np.ndarray:
    own = np.bincount(facts.test.label, minlength=facts.classes) / len(facts.test.label)
    shares = np.stack([np.bincount(said, minlength=facts.classes) for said in facts.test.predicted])
    given = shares / len(facts.test.label)
    unfair = np.where(given > FAIR * own, given, 0.0)
    return from_epoch(3, unfair.max(axis=1))


def _sentence(facts: TrainingFacts, epoch: int, value: float) -> str:
    return f"After epoch {epoch + 1} {percent(value)} of the test images are given one class."


ONE_CLASS = Rule(
    "one_class",
    "One class for all",
    MOST,
    _values,
    _sentence,
    "Lower the learning rate; look whether the training images have several classes.",
    "a class that has more than half of the test images: see test images at chance",
)
