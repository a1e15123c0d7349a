"""Pictures unlike the others of their set: dark, overexposed, blurred, of one color, or oddly sized.

Nothing is bad by itself: digits are dark, and icons have few colors. Each measure of an image is held against
the set's own spread, on the side where the fault lies.
"""

from typing import NamedTuple

import numpy as np

FEWEST = 50  # images that tell what is usual
ROWS = 1024  # images at once
HIGH, LOW = 0.995, 0.1  # shares of an image's pixels: the level that its bright ones reach, its dark ones
PLAIN = 0.08  # of the set's usual contrast
ONE_COLOR = 2  # gray levels between the darkest and the brightest pixel, in whatever set
DARK, OVEREXPOSED, BLURRED, ODD = 5.0, 3.5, 4.5, 4.0  # times the set's spread: docs/data_check.md
SPREAD = 0.1  # share of the images that are beyond one spread, on the side of the fault
LEAST_DARK, LEAST_SHARPNESS = 0.15, 0.25  # natural logarithms: a narrower spread is taken for this
LEAST_BRIGHT = 12.0  # gray levels
LEAST_ASPECT, LEAST_AREA = 0.08, 0.3  # of the natural logarithms of proportions and pixels


class Quality(NamedTuple):
    """Faults by kind, bool (sample,) each; no image has two of the first four."""

    plain: np.ndarray
    dark: np.ndarray
    overexposed: np.ndarray
    blurred: np.ndarray
    odd_size: np.ndarray


def judge_quality(images: np.ndarray, sizes: np.ndarray | None = None) -> Quality:
    """`images` uint8 (sample, y, x, channel); `sizes` int (sample, 2): y and x of the files they came from.

    Of few images only those of one color are told.
    """
    high, low, contrast, sharpness = _measures(images)
    none = np.zeros(len(images), bool)
    plain = contrast <= ONE_COLOR
    if len(images) < FEWEST:
        return Quality(plain, none, none, none, none)
    plain |= contrast < PLAIN * np.median(contrast)
    seen = ~plain
    dark = seen & _beyond(-np.log(high + 1), DARK, LEAST_DARK, seen)
    overexposed = seen & ~dark & _beyond(low, OVEREXPOSED, LEAST_BRIGHT, seen)
    blurred = seen & ~dark & ~overexposed & _beyond(-np.log(sharpness), BLURRED, LEAST_SHARPNESS, seen)
    return Quality(plain, dark, overexposed, blurred, none if sizes is None else _odd(sizes))


def _measures(images: np.ndarray) -> tuple[np.ndarray, ...]:
    """float32 (sample,) each: levels of bright and dark pixels, their distance, and the sharpness."""
    high, low, contrast, sharpness = (np.empty(len(images), np.float32) for _ in range(4))
    for begin in range(0, len(images), ROWS):
        part = slice(begin, begin + ROWS)
        gray = images[part].mean(axis=3, dtype=np.float32)
        flat = gray.reshape(len(gray), -1)
        last = flat.shape[1] - 1
        order = np.partition(flat, sorted({0, round(LOW * last), round(HIGH * last), last}), axis=1)
        high[part], low[part] = order[:, round(HIGH * last)], order[:, round(LOW * last)]
        contrast[part] = order[:, last] - order[:, 0]
        sharpness[part] = _sharpness(gray)
    return high, low, contrast, sharpness


def _sharpness(gray: np.ndarray) -> np.ndarray:
    """Variance of the Laplacian over that of the image; 1 where the image has no inside."""
    if min(gray.shape[1:]) < 3:
        return np.ones(len(gray), np.float32)
    laplacian = (
        gray[:, :-2, 1:-1] + gray[:, 2:, 1:-1] + gray[:, 1:-1, :-2] + gray[:, 1:-1, 2:]
        - 4 * gray[:, 1:-1, 1:-1]
    )  # fmt: skip
    return (laplacian.var(axis=(1, 2)) + 1e-3) / (gray.var(axis=(1, 2)) + 1e-3)


def _beyond(values: np.ndarray, fence: float, least: float, among: np.ndarray) -> np.ndarray:
    """bool (sample,): above the median by more than `fence` spreads of the values `among` the set."""
    if not among.any():
        return among
    middle, end = np.quantile(values[among], [0.5, 1 - SPREAD])
    return np.asarray(values > middle + fence * max(end - middle, least))


def _odd(sizes: np.ndarray) -> np.ndarray:
    """Files whose proportions or number of pixels are far from the others', on either side."""
    y, x = np.log(np.maximum(sizes, 1)).T
    every = np.ones(len(sizes), bool)
    measures = ((x - y, LEAST_ASPECT), (x + y, LEAST_AREA))
    return np.logical_or.reduce(
        [_beyond(sign * values, ODD, least, every) for values, least in measures for sign in (1, -1)]
    )
