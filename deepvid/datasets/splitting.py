"""Stratified, seeded choices: which images are used, and which of them are held out."""

from typing import NamedTuple

import numpy as np

from deepvid.config import Dataset


class Split(NamedTuple):
    """Rows of the source, each list ascending; no row is in both."""

    train: np.ndarray
    test: np.ndarray


def split(labels: np.ndarray, test: np.ndarray | None, config: Dataset, *, seed: int) -> Split:
    """The rows that `config` asks for; `test` is the source's own split, where it has one."""
    generator = np.random.default_rng(seed)
    rows = np.arange(len(labels))
    if test is not None and not config.swap:
        return Split(
            choose(labels, rows[~test], config.train, generator),
            choose(labels, rows[test], config.test, generator),
        )
    held_out = round(len(rows) * config.test_share) if test is None else int((~test).sum())
    train = choose(labels, rows, config.train or len(rows) - held_out, generator)
    rest = np.setdiff1d(rows, train)
    return Split(train, choose(labels, rest, config.test, generator))


def choose(
    labels: np.ndarray, rows: np.ndarray, total: int | None, generator: np.random.Generator
) -> np.ndarray:
    """At most `total` of `rows` (all where it is None), every class with its share, ascending."""
    if total is None or total >= len(rows):
        return rows
    counts = np.bincount(labels[rows])
    chosen = [
        generator.permutation(rows[labels[rows] == label])[:count]
        for label, count in enumerate(allocate(counts, total))
    ]
    return np.sort(np.concatenate(chosen))


def allocate(counts: np.ndarray, total: int) -> np.ndarray:
    """How many of each class make `total` of `counts.sum()`: their shares by largest remainders.

    Where `total` allows it, every class that has any gets at least one.
    """
    quota = counts * total / counts.sum()
    least = np.minimum(counts, 1) * (total >= np.count_nonzero(counts))
    given = np.maximum(np.floor(quota).astype(int), least)
    while given.sum() < total:
        given[np.argmax(np.where(given < counts, quota - given, -np.inf))] += 1
    while given.sum() > total:
        given[np.argmax(np.where(given > least, given - quota, -np.inf))] -= 1
    return given
