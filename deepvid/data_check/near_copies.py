"""Test images that are nearly training images: compressed anew, a bit brighter, with noise, the next frame.

An image's distance to its nearest training image says nothing alone: a set of digits has pairs that are
nearer than any in a set of photographs. It is held against the distances to the nearest in each of many
random parts of the training images, which one copy changes in one part alone.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from deepvid.progress import SILENT, Progress

PARTS = 32  # random parts of the training images
FEWEST = 200  # training images, below which a part has too few
ENOUGH = 100  # test images, below which z says nothing
SIDE = {1: 8, 3: 5}  # cells a side that images are averaged to, by channels
REFERENCES = 2_000  # training images that say what is usual
MOST_PAIRS = 1_000_000_000  # of images that are compared
RATIO = 0.25  # of the two distances, below which an image is nearly a copy: docs/data_check.md
ALIKE = 0.9  # and its pixels correlate with those of the other by more than this
USUAL = 0.01  # share of the training images by which z counts
ROWS = 1024  # images that are looked up at once


class NearCopies(NamedTuple):
    """Pairs of a test and a training image, and how many test images are nearer than training images are."""

    sample: np.ndarray  # int32 (pair,): a test image that is nearly a copy
    nearest: np.ndarray  # int32 (pair,): the training image
    ratio: np.ndarray  # float32 (pair,): its distance over the usual one
    compared: int  # test images that were looked up
    share: float  # of them, nearer than the nearest 1 % of the training images are to others
    z: float  # how many standard errors that is over 1 %; nan of few test images


def find_near_copies(
    images: np.ndarray,
    test: np.ndarray,
    unique: np.ndarray,
    *,
    lookups: int,
    seed: int,
    progress: Progress = SILENT,
) -> NearCopies | None:
    """`images` uint8 (sample, y, x, channel), `test` bool (sample,); `unique` bool (sample,): to be
    compared, of them at most `lookups` test images, drawn.

    None where there are too few training images, or no test images, to tell. Memory is bounded by the cells
    of the training images; time by `MOST_PAIRS`.
    """
    generator = np.random.default_rng(seed)
    training = generator.permutation(np.flatnonzero(unique & ~test))
    queries = np.flatnonzero(unique & test)
    if len(training) < FEWEST or not len(queries):
        return None
    most = max(1, MOST_PAIRS // len(training))
    queries = _some(queries, min(lookups, most), generator)
    references = np.arange(min(REFERENCES, most, len(training)))
    cells = _cells(images, training)
    ends = np.linspace(0, len(training), PARTS + 1).astype(int)
    usual, _ = _ratios(cells[references], cells, ends, references, progress.part(0, 0.3, 1))
    ratio, nearest = _ratios(_cells(images, queries), cells, ends, None, progress.part(0.3, 1, 1))
    bound = np.quantile(usual, USUAL)
    share = float((ratio <= bound).mean())
    error = np.sqrt(USUAL * (1 - USUAL) * (1 / len(queries) + 1 / len(references)))
    near = np.flatnonzero(ratio < RATIO)
    near = near[_correlation(images, queries[near], training[nearest[near]]) > ALIKE]
    return NearCopies(
        queries[near].astype(np.int32),
        training[nearest[near]].astype(np.int32),
        ratio[near].astype(np.float32),
        len(queries),
        share,
        float((share - USUAL) / error) if len(queries) >= ENOUGH else float("nan"),
    )


def _correlation(images: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """float64 (pair,): of the pixels of pairs of samples; 0 of an image of one color."""
    found = np.zeros(len(one))
    for pairs in _slices(len(one), ROWS):
        left, right = (images[side[pairs]].astype(np.float32) for side in (one, other))
        left -= left.mean(axis=(1, 2, 3), keepdims=True)
        right -= right.mean(axis=(1, 2, 3), keepdims=True)
        scale = np.sqrt(np.square(left).sum(axis=(1, 2, 3)) * np.square(right).sum(axis=(1, 2, 3)))
        product = (left * right).sum(axis=(1, 2, 3))
        found[pairs] = np.divide(product, scale, out=np.zeros_like(product), where=scale > 0)
    return found


def _some(samples: np.ndarray, most: int, generator: np.random.Generator) -> np.ndarray:
    return samples if len(samples) <= most else np.sort(generator.choice(samples, most, replace=False))


def _cells(images: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """float32 (sample, cell): means of at most 8x8 cells (5x5 of colors), less their own mean."""
    y, x, channels = images.shape[1:]
    most = SIDE.get(channels, 5)
    rows, columns = _ends(y, most), _ends(x, most)
    area = np.diff([*rows, y])[:, None, None] * np.diff([*columns, x])[:, None]
    cells = np.empty((len(samples), len(rows) * len(columns) * channels), np.float32)
    for part in _slices(len(samples), 2048):
        sums = np.add.reduceat(images[samples[part]].astype(np.float32), rows, axis=1)
        means = np.add.reduceat(sums, columns, axis=2) / area
        flat = means.reshape(len(means), -1)
        cells[part] = flat - flat.mean(axis=1, keepdims=True)
    return cells


def _ends(side: int, most: int) -> np.ndarray:
    return np.unique(np.linspace(0, side, min(side, most) + 1).astype(int))[:-1]


def _ratios(
    queries: np.ndarray, cells: np.ndarray, ends: np.ndarray, own: np.ndarray | None, progress: Progress
) -> tuple[np.ndarray, np.ndarray]:
    """float32 (query,): least distance over the median of the least of each part; int (query,): whose it is.

    `own` int (query,) is each query's row among `cells`, which is not its neighbor.
    """
    least = np.empty((len(queries), PARTS), np.float32)
    where = np.empty((len(queries), PARTS), np.int64)
    lengths = np.square(queries).sum(axis=1)
    for part, (begin, end) in enumerate(pairwise(ends)):
        progress.update(part, PARTS, "Comparing images")
        keys = cells[begin:end]
        turned = np.concatenate([-2 * keys, np.square(keys).sum(axis=1)[:, None]], axis=1).T.copy()
        for rows in _slices(len(queries), ROWS):
            asked = np.concatenate([queries[rows], np.ones((len(queries[rows]), 1), np.float32)], axis=1)
            squared = asked @ turned
            if own is not None:
                inside = np.flatnonzero((own[rows] >= begin) & (own[rows] < end))
                squared[inside, own[rows][inside] - begin] = np.inf
            index = squared.argmin(axis=1)
            where[rows, part] = begin + index
            least[rows, part] = squared[np.arange(len(index)), index]
    distance = np.sqrt(np.maximum(least + lengths[:, None], 0))
    best = distance.argmin(axis=1)
    every = np.arange(len(queries))
    usual = np.maximum(np.median(distance, axis=1), np.finfo(np.float32).tiny)
    return distance[every, best] / usual, where[every, best]


def _slices(count: int, size: int) -> Iterator[slice]:
    return (slice(begin, min(begin + size, count)) for begin in range(0, count, size))
