"""Nearly all units of a layer answer no image of the probe."""

import numpy as np

from deepvid.alarms.alarm import Rule, TrainingFacts
from deepvid.wording import percent

MOST = 0.95  # of its units
BOUND = 1 - 0.05 ** (1 / 64)  # share of images that a unit answers, where it answers none of 64


def _values(facts: TrainingFacts) -> np.ndarray:
    if facts.record is None or not facts.record.layers:
        return np.full(facts.epochs, np.nan)
    return np.asarray(facts.record.silent.max(axis=1))


def _sentence(facts: TrainingFacts, epoch: int, value: float) -> str:
    assert facts.record is not None
    name = facts.record.layers[int(facts.record.silent[epoch].argmax())]
    return (
        f"In epoch {epoch + 1} {percent(value)} of the units of {name} answer none of 64 training images: "
        f"at 95 % each answers less than {percent(BOUND, digits=1)} of such images."
    )


SILENT_LAYER = Rule(
    "silent_layer",
    "A layer is silent",
    MOST,
    _values,
    _sentence,
    "Lower the learning rate, or begin with other weights.",
    "silent units among others that answer: see the units of Network",
)
