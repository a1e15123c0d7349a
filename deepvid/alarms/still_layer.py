"""A layer moves a hundred times less than the others."""

import numpy as np

from deepvid.alarms.alarm import Rule, TrainingFacts

LESS = 2.0  # powers of ten below the median layer


def _values(facts: TrainingFacts) -> np.ndarray:
    if facts.record is None or len(facts.record.kernels) < 2:
        return np.full(facts.epochs, np.nan)
    return np.asarray((-facts.record.above_median).max(axis=1))


def _sentence(facts: TrainingFacts, epoch: int, value: float) -> str:
    assert facts.record is not None
    name = facts.record.kernels[int(facts.record.above_median[epoch].argmin())]
    times = "not at all" if np.isinf(value) else f"{10**value:,.0f} times less than the median layer"
    return f"In epoch {epoch + 1} the layer {name} moves {times}."


STILL_LAYER = Rule(
    "still_layer",
    "A layer stands still",
    LESS,
    _values,
    _sentence,
    "Look whether it was frozen by intention; a frozen layer often costs little accuracy.",
    "a layer that moves without getting anywhere",
)
