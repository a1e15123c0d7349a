"""The contract of a rule: what it is given of a training, and what it says."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from deepvid.alarms.layer_record import LayerRecord
from deepvid.metrics import cross_entropy


@dataclass(frozen=True, eq=False)
class TrainingFacts:
    """A training after its first epochs; the test images are those of every epoch."""

    classes: int
    label: np.ndarray  # int (sample,): true class of the test images
    predicted: np.ndarray  # int (epoch, sample): the class they are given
    loss: np.ndarray  # f32 (epoch, sample): their cross-entropy, nats
    training_loss: np.ndarray  # f64 (epoch,): mean over the steps, nats; nan where it is not known
    record: LayerRecord | None = None  # None: its steps were not recorded

    @property
    def epochs(self) -> int:
        """How many are done."""
        return len(self.predicted)

    @classmethod
    def of(
        cls,
        classes: int,
        label: np.ndarray,
        logits: Iterable[np.ndarray],
        metrics: Iterable[Mapping[str, Any]],
        record: LayerRecord | None = None,
    ) -> "TrainingFacts":
        """Of the logits (sample, class) after each epoch, and its metrics as a journal has them."""
        answered = [(each.argmax(axis=1), cross_entropy(each, label)) for each in logits]
        predicted, loss = (np.stack(side) for side in zip(*answered, strict=True))
        training = [each.get("train_loss", math.nan) for each in metrics]
        return cls(classes, label, predicted, loss, np.array(training, np.float64), record)


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
