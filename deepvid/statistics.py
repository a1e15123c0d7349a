"""Intervals and tests that both sides of the wall need (NumPy only)."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Z95 = 1.959963984540054  # two-sided 95 % quantile of the standard normal


class Interval(NamedTuple):
    """An estimate with its two-sided 95 % interval."""

    value: float
    low: float
    high: float


def student_quantile(share: float, degrees: int) -> float:
    """t below which that share, a half or more, of Student's distribution lies, by halving angles.

    Source: Abramowitz and Stegun (1964), Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
    """
    low, high = 0.0, math.pi / 2
    for _ in range(60):
        angle = (low + high) / 2
        low, high = (angle, high) if _student_share(angle, degrees) < share else (low, angle)
    return math.sqrt(degrees) * math.tan(low)


def _student_share(angle: float, degrees: int) -> float:
    """Below t = √ν tan(angle), ν the degrees of freedom."""
    odd = degrees % 2
    term, total = (math.cos(angle) if odd else 1.0), 0.0
    for power in range(odd, degrees - 1, 2):
        total += term
        term *= math.cos(angle) ** 2 * (power + 1) / (power + 2)
    between = math.sin(angle) * total
    return 0.5 + ((angle + between) / math.pi if odd else between / 2)


def wilson(successes: float, trials: int, z: float = Z95) -> Interval:
    """Wilson's score interval of a share.

    Source: Wilson (1927), J. Am. Stat. Assoc. 22, 209-212. With no trials it is (nan, 0, 1).
    """
    if trials == 0:
        return Interval(math.nan, 0.0, 1.0)
    share = successes / trials
    scale = 1 + z * z / trials
    center = (share + z * z / (2 * trials)) / scale
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / scale
    return Interval(share, max(0.0, center - half), min(1.0, center + half))


def kappa(first: npt.ArrayLike, second: npt.ArrayLike, classes: int) -> float:
    """Cohen's kappa of two labelings (sample,): 1 is equality, 0 is what chance gives.

    Where chance alone agrees always (both are constant and equal) it is 0.
    Source: Cohen (1960), Educ. Psychol. Meas. 20, 37-46.
    """
    a, b = np.asarray(first), np.asarray(second)
    observed = float(np.mean(a == b))
    shares = [np.bincount(labels, minlength=classes) / len(labels) for labels in (a, b)]
    chance = float(shares[0] @ shares[1])
    return (observed - chance) / (1 - chance) if chance < 1 else 0.0


def auroc(score: npt.ArrayLike, positive: npt.ArrayLike) -> Interval:
    """P(score of a positive > score of a negative) + ½ P(=), the area under the ROC curve; .5 is chance.

    `score` and `positive` (bool) are (sample,). Nan where one kind is missing.
    Source: DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, 837-845.
    """
    return _area(*_placements(score, positive), bounds=(0.0, 1.0))


def auroc_difference(first: npt.ArrayLike, second: npt.ArrayLike, positive: npt.ArrayLike) -> Interval:
    """The area of one score less that of another of the same samples, by the same source."""
    ours, theirs = _placements(first, positive), _placements(second, positive)
    return _area(ours[0] - theirs[0], ours[1] - theirs[1], bounds=(-1.0, 1.0))


def _placements(score: npt.ArrayLike, positive: npt.ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Of each positive the share of negatives below it, of each negative that of positives above it."""
    values, yes = np.asarray(score, np.float64), np.asarray(positive, np.bool_)
    high, low = values[yes], values[~yes]
    return _below(high, low), 1 - _below(low, high)


def _below(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The share of others that are below each value; equal ones count half."""
    ranked = np.sort(others)
    counted = np.searchsorted(ranked, values, "left") + np.searchsorted(ranked, values, "right")
    return np.asarray(counted / (2 * max(len(ranked), 1)))


def _area(of_positives: np.ndarray, of_negatives: np.ndarray, bounds: tuple[float, float]) -> Interval:
    kinds = (of_positives, of_negatives)
    if any(len(kind) == 0 for kind in kinds):
        return Interval(math.nan, *bounds)
    value = float(of_positives.mean())
    half = Z95 * math.sqrt(sum(float(kind.var(ddof=min(1, len(kind) - 1))) / len(kind) for kind in kinds))
    return Interval(value, max(bounds[0], value - half), min(bounds[1], value + half))


def bootstrap_mean(values: npt.ArrayLike, *, seed: int, draws: int = 1000) -> Interval:
    """Percentile bootstrap of the mean of `values` (sample,).

    Source: Efron (1979), Ann. Statist. 7, 1-26.
    """
    data = np.asarray(values, np.float64)
    rows = np.random.default_rng(seed).integers(0, len(data), (draws, len(data)), dtype=np.int32)
    low, high = np.percentile(data[rows].mean(axis=1), [2.5, 97.5])
    return Interval(float(data.mean()), float(low), float(high))


def bootstrap_difference(first: npt.ArrayLike, second: npt.ArrayLike, *, seed: int) -> Interval:
    """Percentile bootstrap of the mean of first - second over paired samples (sample,).

    Pairs of which one is nan are left out; with none left, the interval is nan.
    """
    difference = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    known = difference[~np.isnan(difference)]
    return bootstrap_mean(known, seed=seed) if len(known) else Interval(*[math.nan] * 3)


def mcnemar(only_first: int, only_second: int) -> float:
    """Two-sided exact p-value that two classifiers err equally often.

    `only_first` and `only_second` count the samples that one alone classifies correctly.
    Source: McNemar (1947), Psychometrika 12, 153-157; exact binomial form.
    """
    n = only_first + only_second
    if n == 0:
        return 1.0
    log_half = n * math.log(0.5)
    tail = sum(
        math.exp(math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) + log_half)
        for i in range(min(only_first, only_second) + 1)
    )
    return min(1.0, 2 * tail)


def holm(p: np.ndarray) -> np.ndarray:
    """Adjusted p-values of several tests, in the given order.

    Source: Holm (1979), Scandinavian Journal of Statistics 6, 65-70.
    """
    order = np.argsort(p)
    adjusted = np.maximum.accumulate((len(p) - np.arange(len(p))) * p[order])
    result = np.empty(len(p))
    result[order] = np.minimum(adjusted, 1.0)
    return result


class McNemar(NamedTuple):
    """Two classifiers on the same samples: the four counts and whether they err equally often."""

    both_right: int
    only_first: int
    only_second: int
    both_wrong: int
    statistic: float
    p_value: float  # two-sided
    method: str


FEW = 25  # discordant samples below which the chi-square approximation is not used


def mcnemar_test(first: npt.ArrayLike, second: npt.ArrayLike) -> McNemar:
    """McNemar's test of two classifiers; `first` and `second` say (sample,) what each has right.

    With fewer than 25 discordant samples the exact binomial test, whose statistic is the smaller count; else
    chi-square with one degree of freedom and Edwards' continuity correction, (|b - c| - 1)^2 / (b + c).
    Source: Edwards (1948), Psychometrika 13, 185-187.
    """
    a, b = np.asarray(first, bool), np.asarray(second, bool)
    counts = (int((a & b).sum()), int((a & ~b).sum()), int((~a & b).sum()), int((~a & ~b).sum()))
    _, only_first, only_second, _ = counts
    discordant = only_first + only_second
    if discordant < FEW:
        p = mcnemar(only_first, only_second)
        return McNemar(*counts, min(only_first, only_second), p, "exact binomial")
    chi2 = max(0, abs(only_first - only_second) - 1) ** 2 / discordant
    p = math.erfc(math.sqrt(chi2 / 2))  # the tail of chi-square with one degree of freedom
    return McNemar(*counts, chi2, p, "chi-square with continuity correction")
