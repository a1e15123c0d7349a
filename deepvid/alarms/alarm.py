"""The contract of a rule: what it is given of a training, and what it says."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from deepvid.alarms.layer_record import LayerRecord
from deepvid.metrics import cross_entropy, log_softmax

CONFIDENT = 0.8


class Answers(NamedTuple):
    """Answers of a classifier to the same labeled images after each epoch."""

    label: np.ndarray  # int (image,): true class
    predicted: np.ndarray  # int (epoch, image): class they are given
    loss: np.ndarray  # f32 (epoch, image): cross-entropy, nats; nan of an epoch without answers
    contradicted: np.ndarray  # bool (epoch, image): another class has a probability above `CONFIDENT`

    @property
    def right(self) -> np.ndarray:
        """bool (epoch, image)."""
        return np.asarray(self.predicted == self.label)

    @classmethod
    def of(cls, label: np.ndarray, logits: Iterable[np.ndarray]) -> "Answers":
        """Of the logits (image, class) after each epoch."""
        answers = [epoch_answers(each, label) for each in logits]
        predicted, loss, contradicted = (np.stack(part) for part in zip(*answers, strict=True))
        return cls(label, predicted, loss, contradicted)


def epoch_answers(logits: np.ndarray, label: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`predicted`, `loss` and `contradicted` of `Answers` (image,), of the logits (image, class)."""
    predicted, own = logits.argmax(axis=1), np.arange(len(logits))
    probability = np.exp(log_softmax(logits)[own, predicted])
    contradicted = (predicted != label) & (probability > CONFIDENT)
    return predicted, cross_entropy(logits, label), contradicted


@dataclass(frozen=True, eq=False)
class TrainingFacts:
    """A training after its first epochs."""

    classes: int
    test: Answers
    training_loss: np.ndarray  # f64 (epoch,): mean over the steps, nats; nan where it is not known
    record: LayerRecord | None = None  # None: its steps were not recorded
    training: Answers | None = None  # to some training images, in evaluation mode; None: not recorded

    @property
    def epochs(self) -> int:
        """How many are done."""
        return len(self.test.predicted)

    def excess(self, values: Callable[[Answers], np.ndarray]) -> np.ndarray:
        """f64 (epoch,): the mean of `values` (epoch, image) over training images less that over test images,
        in standard errors of this difference; nan where it has none, or is not known."""
        found = np.full(self.epochs, np.nan)
        if self.training is None or not self.training.label.size:
            return found
        train, test = (values(answers).astype(np.float64) for answers in (self.training, self.test))
        error = np.sqrt(train.var(axis=1) / train.shape[1] + test.var(axis=1) / test.shape[1])
        known = (error > 0) & ~np.isnan(self.training.loss).any(axis=1)
        return np.divide(train.mean(axis=1) - test.mean(axis=1), error, out=found, where=known)


class Alarm(NamedTuple):
    """Finding of a rule, for the first time after `epoch`, from 1."""

    rule: str
    epoch: int
    value: float
    sentence: str


@dataclass(frozen=True)
class Rule:
    """`values` gives (epoch,) f64 of the facts, nan where it does not judge; above `threshold` it rings.

    `sentence` says in the facts' terms what a value after an epoch, from 0, means; `advice` what to do, and
    `blind` which faults it does not see.
    """

    name: str
    title: str
    threshold: float
    values: Callable[[TrainingFacts], np.ndarray]
    sentence: Callable[[TrainingFacts, int, float], str]
    advice: str
    blind: str

    def alarm(self, facts: TrainingFacts) -> Alarm | None:
        """Of the first epoch in which it rings; None where it rings in none."""
        values = self.values(facts)
        ringing = np.flatnonzero(values > self.threshold)  # nan is above nothing
        if not len(ringing):
            return None
        epoch = int(ringing[0])
        value = float(values[epoch])
        return Alarm(self.name, epoch + 1, value, self.sentence(facts, epoch, value))


def from_epoch(first: int, values: np.ndarray) -> np.ndarray:
    """Values (epoch,) that count from the epoch `first` on, from 1."""
    return np.where(np.arange(1, len(values) + 1) >= first, values, np.nan)


def least_in_a_row(values: np.ndarray, epochs: int) -> np.ndarray:
    """The least of the values of so many epochs in a row; nan where one is, and of the first epochs."""
    least = np.full(len(values), np.nan)
    if len(values) >= epochs:
        least[epochs - 1 :] = np.lib.stride_tricks.sliding_window_view(values, epochs).min(axis=1)
    return least


def both(facts: TrainingFacts) -> tuple[Answers, Answers]:
    """Answers to training images and to test images, of a training that has both."""
    assert facts.training is not None
    return facts.training, facts.test
