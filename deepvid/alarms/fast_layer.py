"""A layer moves ten times more than the others."""

import numpy as np

from deepvid.alarms.alarm import Rule, TrainingFacts

MORE = 1.0  # powers of ten above the median layer


def _values(facts: TrainingFacts) -> np.ndarray:
    if facts.record is None or len(facts.record.kernels) < 2:
        return np.full(facts.epochs, np.nan)
    return np.asarray(facts.record.above_median.max(axis=1))


def _sentence(facts: TrainingFacts, epoch: int, value: float) -> str:
    assert facts.record is not None
    name = facts.record.kernels[int(facts.record.above_median[epoch].argmax())]
    return f"In epoch {epoch + 1} the layer {name} moves {10**value:,.0f} times more than the median layer."


FAST_LAYER = Rule(
    "fast_layer",
    "A layer moves too fast",
    MORE,
    _values,
    _sentence,
    "Lower the rate of this layer, or look at how it begins.",
    "a rate that is too large for all layers alike",
)
