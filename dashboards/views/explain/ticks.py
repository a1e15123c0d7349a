"""Round numbers along an axis."""

import math
from collections.abc import Sequence

STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
MOST = 6
APART = 0.09  # of the axis, that two numbers of a logarithmic one stand apart


def linear(low: float, high: float) -> list[float]:
    """In equal steps."""
    step = next((each for each in STEPS if (high - low) / each <= MOST), STEPS[-1])
    return [round(step * number, 3) for number in range(math.ceil(low / step), math.floor(high / step) + 1)]


def ratios(low: float, high: float) -> list[tuple[float, str]]:
    """With their texts, of a logarithmic axis: in equal steps where it is short, else of powers of ten."""
    return [(value, f"{value:.3g}") for value in _apart(_round(low, high), APART * math.log(high / low))]


def _round(low: float, high: float) -> list[float]:
    if high < 5 * low:
        return linear(low, high)
    powers = range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 1)
    values = [float(f"{step}e{power}") for power in powers for step in (1, 2, 5)]
    return [value for value in values if low <= value <= high]


def _apart(values: Sequence[float], least: float) -> list[float]:
    kept: list[float] = []
    for value in values:
        if not kept or math.log(value / kept[-1]) > least:
            kept.append(value)
    return kept
