"""Round numbers along an axis."""

import math
from collections.abc import Sequence

MOST = 6
APART = 0.09  # of the axis, that two numbers of a logarithmic one stand apart


def linear(low: float, high: float, most: int = MOST) -> list[float]:
    """In equal steps of 1, 2 or 5 in a place of the number, `most` of them."""
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    step = next(power * size for size in (1, 2, 5, 10) if (high - low) / (power * size) <= most)
    digits = max(0, 1 - math.floor(math.log10(step)))
    return [
        round(step * number, digits) for number in range(math.ceil(low / step), math.floor(high / step) + 1)
    ]


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
