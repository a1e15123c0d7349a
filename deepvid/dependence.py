"""Dependence of errors on further columns: mutual information, beside what chance gives the same column."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from deepvid.columns import Column
from deepvid.statistics import Interval, holm, wilson

BINS = 8  # of numbers and dates, with nearly equal numbers of images
WITHIN = 1_000  # permutations within classes
DRAWS = 4_000  # permutations of each column: p down to 1/4,001, under 5 % after Holm's factor of 64
LEVEL = 0.05  # of runs in which any column is named by chance


class Bins(NamedTuple):
    """Values of a column as few groups."""

    of_row: np.ndarray  # int (row,): group of each; the last is of those without a value, if there are any
    low: tuple[float, ...]  # of numbers and dates: the least and the greatest value of each group
    high: tuple[float, ...]
    words: tuple[str, ...]  # of a category: the word of each group
    unknown: bool  # the last group has no value


class ErrorRate(NamedTuple):
    """Errors in a group of images."""

    group: int
    images: int
    wrong: int
    rate: Interval  # Wilson's


class Dependence(NamedTuple):
    """How much a column says of errors."""

    name: str
    bits: float  # mutual information of group and error
    chance: float  # its 95 % quantile where errors are permuted among the images
    p: float  # share of permutations that reach it, after Holm's correction for the number of columns
    within: float  # the same of permutations within true classes, of the information there; 1: not asked
    bins: Bins
    rates: tuple[ErrorRate, ...]  # of a category the worst first, of numbers and dates ascending

    @property
    def beyond_chance(self) -> bool:
        """Whether chance would name any column of the run in fewer than 5 % of such runs."""
        return self.p < LEVEL

    @property
    def beyond_class(self) -> bool:
        """Whether it says something of errors among images of the same true class."""
        return self.within < LEVEL


def dependences(
    columns: Mapping[str, Column], wrong: np.ndarray, label: np.ndarray, *, seed: int = 0
) -> list[Dependence]:
    """Of every column of numbers, dates or words, those that say the most beyond chance first.

    I(group; error) = Σ p(g, e) log₂ p(g, e) / (p(g) p(e)), over eight quantiles of numbers. As permuting
    the errors among the images leaves the sizes of all groups, errors in groups are drawn from the
    multivariate hypergeometric distribution: exactly, and at a cost that no number of images raises.
    `wrong` is bool (row,), `label` int (row,) the true class. Columns without two groups say nothing and are
    left out. Source: Holm (1979), Scandinavian Journal of Statistics 6, 65-70.
    """
    generator = np.random.default_rng(seed)
    found = []
    for name, column in columns.items():
        if column.kind == "text":
            continue
        bins = bins_of(column)
        images = np.bincount(bins.of_row)
        if len(images) < 2:
            continue
        errors = np.bincount(bins.of_row, wrong, minlength=len(images)).astype(np.int64)
        drawn = generator.multivariate_hypergeometric(images, int(wrong.sum()), DRAWS, method="marginals")
        bits, by_chance = mutual_information(errors, images), mutual_information(drawn, images)
        p = (1 + np.count_nonzero(by_chance >= bits - 1e-12)) / (DRAWS + 1)
        chance = float(np.quantile(by_chance, 1 - LEVEL))
        rates = _rates(column, bins, errors, images)
        found.append(Dependence(name, float(bits), chance, p, 1.0, bins, rates))
    corrected = holm(np.array([one.p for one in found]))
    found = [one._replace(p=float(p)) for one, p in zip(found, corrected, strict=True)]
    found = [
        one._replace(within=_within(one.bins.of_row, wrong, label, generator)) if one.beyond_chance else one
        for one in found
    ]
    return sorted(found, key=lambda one: (one.p >= LEVEL, -one.bits + one.chance))


def _within(group: np.ndarray, wrong: np.ndarray, label: np.ndarray, generator: np.random.Generator) -> float:
    """p of I(group; error | class), of permutations of the errors within each class."""
    groups = int(group.max()) + 1
    cell = label * groups + group
    size = (int(label.max()) + 1) * groups
    images = np.bincount(cell, minlength=size).reshape(-1, groups)
    errors = np.bincount(cell, wrong, minlength=size).astype(np.int64).reshape(-1, groups)
    bits, by_chance = 0.0, np.zeros(WITHIN)
    for counted, mistaken in zip(images, errors, strict=True):
        if 0 < mistaken.sum() < counted.sum():
            drawn = generator.multivariate_hypergeometric(counted, mistaken.sum(), WITHIN, method="marginals")
            bits += float(counted.sum() * mutual_information(mistaken, counted))
            by_chance += counted.sum() * mutual_information(drawn, counted)
    return float((1 + np.count_nonzero(by_chance >= bits - 1e-9)) / (WITHIN + 1))


def mutual_information(errors: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Bits, of counts (..., group) and (group,): H(error) - H(error | group)."""
    total = images.sum()
    within = (images / total * _entropy(errors / np.maximum(images, 1))).sum(axis=-1)
    return np.asarray(np.maximum(_entropy(errors.sum(axis=-1) / total) - within, 0.0))


def _entropy(share: np.ndarray) -> np.ndarray:
    """Of an event with this probability, in bits."""
    inner = np.clip(share, 1e-300, 1.0)
    outer = np.clip(1 - share, 1e-300, 1.0)
    return np.asarray(-inner * np.log2(inner) - outer * np.log2(outer))


def bins_of(column: Column) -> Bins:
    """Words as they are; of numbers and dates every value, or eight quantiles where they are over eight."""
    known = column.values >= 0 if column.kind == "category" else ~np.isnan(column.values)
    words: tuple[str, ...] = ()
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    if column.kind == "category":
        used, group = np.unique(column.values[known], return_inverse=True)
        words = tuple(column.words[index] for index in used)
    else:
        group, low, high = _quantiles(column.values[known])
    count = len(words) or len(low)
    of_row = np.full(len(column.values), count, np.int64)
    of_row[known] = group
    return Bins(of_row, low, high, words, unknown=not known.all())


def _quantiles(values: np.ndarray) -> tuple[np.ndarray, tuple[float, ...], tuple[float, ...]]:
    """Group of each value, and the least and greatest value of each; equal values are in one group."""
    distinct, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    if len(distinct) > BINS:
        last = _last_of_each(np.cumsum(counts))
        group = np.searchsorted(last, group)
        low, high = distinct[[0, *(last[:-1] + 1)]], distinct[last]
    else:
        low = high = distinct
    return group, tuple(low.tolist()), tuple(high.tolist())


def _last_of_each(ends: np.ndarray) -> np.ndarray:
    """The last distinct value of each group, of the numbers of images up to each distinct value.

    A group takes its share of the images that are left, so that one common value does not empty the others.
    """
    last: list[int] = []
    taken = 0
    for groups in range(BINS, 0, -1):
        share = taken + (ends[-1] - taken) / groups
        at = int(np.searchsorted(ends, share))
        begin = last[-1] + 1 if last else 0
        if at > begin and share - ends[at - 1] < ends[at] - share:
            at -= 1
        last.append(at)
        taken = int(ends[at])
        if at == len(ends) - 1:
            break
    return np.array(last)


def _rates(column: Column, bins: Bins, errors: np.ndarray, images: np.ndarray) -> tuple[ErrorRate, ...]:
    rates = [
        ErrorRate(group, int(count), int(wrong), wilson(int(wrong), int(count)))
        for group, (wrong, count) in enumerate(zip(errors, images, strict=True))
    ]
    if column.kind == "category":
        rates.sort(key=lambda one: (math.isnan(one.rate.value), -one.rate.low))
    return tuple(rates)
