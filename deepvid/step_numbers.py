"""Numbers of a training step: their names, and how many columns an epoch of any length has of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Int


class StepNumber(NamedTuple):
    """A number that every step has."""

    name: str
    unit: str


OF_STEP = (StepNumber("loss", "nats"), StepNumber("accuracy", "1"), StepNumber("learning_rate", "1"))
OF_KERNEL = (StepNumber("update_ratio", "1"), StepNumber("gradient_norm", "nats"))
"""Of every kernel w (a matrix or a convolution): mean |w' - w| / mean |w|, and the length of its gradient."""

STATISTICS = ("minimum", "mean", "maximum")
"""Of the steps of a column."""

MOST_COLUMNS = 512

JUDGED = 500
"""Training images whose answers are recorded after each epoch, at most."""


def number_names(kernels: Sequence[str]) -> tuple[str, ...]:
    """The numbers of a step in order: its own, then each of `OF_KERNEL` of all kernels."""
    of_kernels = (f"{number.name} {kernel}" for number in OF_KERNEL for kernel in kernels)
    return (*(number.name for number in OF_STEP), *of_kernels)


OF_LAYER = (StepNumber("mean", "1"), StepNumber("active", "1"), StepNumber("drift", "1"))
"""Of the outputs of a layer for a few fixed images: their mean, the share that is above 0, and 1 - r of a
unit's means with those of the probe before, mean over the units."""


def measure_names(layers: Sequence[str]) -> tuple[str, ...]:
    """Measures of a probe in order: the step it was made after, then each of `OF_LAYER` of all layers."""
    return ("step", *(f"{number.name} {layer}" for number in OF_LAYER for layer in layers))


def column_ends(steps: int, most: int = MOST_COLUMNS) -> Int[np.ndarray, " column"]:
    """Steps before the end of each column: it has one, or is one of `most` near-equal stretches."""
    columns = min(steps, most)
    return np.arange(1, columns + 1) * steps // max(1, columns)


def record_attributes(kernels: Sequence[str], further: Sequence[str] = ()) -> dict[str, Any]:
    """Attributes of a record of these kernels' steps: the names of its numbers and of their statistics."""
    units = {number.name: number.unit for number in (*OF_STEP, *OF_KERNEL)}
    names = number_names(kernels)
    return {
        "numbers": [*names, *further],
        "units": [*(units[name.partition(" ")[0]] for name in names), *("1" for _ in further)],
        "kernels": list(kernels),
        "statistics": list(STATISTICS),
    }
