"""Picture quality: darker, brighter, blurred, noisier, or with more or less contrast than training images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deepvid.causes.cause import Cause, CauseFacts, Evidence, Scores, scores_with
from deepvid.wording import minus, percent

if TYPE_CHECKING:
    from jaxtyping import Float, Int, UInt8

THRESHOLD = 4.0  # z
FEWEST = 5  # test images of which a share is told
ROWS = 1024  # images at once
BRIGHT = 0.98  # share of the pixels that are no brighter than its highlights
LEVEL = 0.01  # of 1: less cannot be seen
LEAST_SPREAD = 0.25  # natural logarithms, a narrower spread of the training images is taken for this
MEASURES = ("brightness", "contrast", "highlights", "edges", "noise")
WORDS = (
    ("darker", "brighter"),
    ("lower in contrast", "higher in contrast"),
    ("dimmer in its highlights", "brighter in its highlights"),
    ("blurrier", "rougher"),
    ("smoother", "noisier"),
)
"""Of each measure: less of it, and more."""
WITHIN = (16, 50, 84)  # percent of the training images: one standard deviation of a normal distribution


def weigh(evidence: Evidence) -> Scores:
    """The largest z of any measure of the picture: its distance from the training images' median, in the
    spread that these have on its side.
    """
    within = np.percentile(measures(evidence.images[evidence.reference]), WITHIN, axis=0)
    z = _z(evidence.images[evidence.errors], within)
    largest = np.abs(z).argmax(axis=1)
    signed = np.take_along_axis(z, largest[:, None], axis=1)[:, 0]
    rate, others = _rates(evidence, within, largest, signed)
    return scores_with(np.abs(signed), largest.astype(float), signed, rate, others)


def _z(
    images: UInt8[np.ndarray, "image y x channel"], within: Float[np.ndarray, "3 measure"]
) -> Float[np.ndarray, "image measure"]:
    low, usual, high = within
    of = measures(images)
    spread = np.maximum(np.where(of > usual, high - usual, usual - low), LEAST_SPREAD)
    return np.asarray((of - usual) / spread)


def _rates(
    evidence: Evidence,
    within: Float[np.ndarray, "3 measure"],
    largest: Int[np.ndarray, " error"],
    signed: Float[np.ndarray, " error"],
) -> Float[np.ndarray, "2 error"]:
    """Share of wrong answers to test images beyond the threshold of the same measure to the same side, and
    to the others; nan of few.
    """
    tested = evidence.tested
    z = _z(evidence.images[tested], within)
    wrong = evidence.answers[tested] != evidence.labels[tested]
    rates = np.full((2, len(largest)), np.nan)
    for measure in range(len(MEASURES)):
        for side in (-1, 1):
            such = side * z[:, measure] >= THRESHOLD
            alike = (largest == measure) & (np.sign(signed) == side)
            for row, rows in enumerate((such, ~such)):
                if rows.sum() >= FEWEST:
                    rates[row, alike] = wrong[rows].mean()
    return rates


def measures(images: UInt8[np.ndarray, "image y x channel"]) -> Float[np.ndarray, "image measure"]:
    """Natural logarithms of brightness, contrast, highlights, edges, and noise: what the median pixel differs
    from those around it.
    """
    parts = [_measures(images[begin : begin + ROWS]) for begin in range(0, len(images), ROWS)]
    return np.log(np.concatenate(parts or [np.empty((0, 5))]) + LEVEL)


def _measures(images: UInt8[np.ndarray, "image y x channel"]) -> Float[np.ndarray, "image measure"]:
    gray = images.mean(axis=3, dtype=np.float32) / 255
    around = np.pad(gray, ((0, 0), (1, 1), (1, 1)), mode="edge")
    edges = np.abs(
        4 * gray - around[:, :-2, 1:-1] - around[:, 2:, 1:-1] - around[:, 1:-1, :-2] - around[:, 1:-1, 2:]
    )
    return np.stack(
        [
            gray.mean(axis=(1, 2)),
            gray.std(axis=(1, 2)),
            np.quantile(gray, BRIGHT, axis=(1, 2)),
            edges.mean(axis=(1, 2)),
            np.median(edges, axis=(1, 2)),
        ],
        axis=1,
    )


def sentence(finding: CauseFacts) -> str:
    which, z, *rates = finding.facts
    less, more = WORDS[int(which)]
    word = less if z < 0 else more
    return f"The picture is {word} than the training images, z {minus(f'{z:.1f}')}.{_compared(*rates)}"


def _compared(such: float = np.nan, others: float = np.nan) -> str:
    """Earlier versions did not keep it."""
    if such != such or others != others:
        return ""
    return f" Of test images that are so as well {percent(such)} are wrong, of others {percent(others)}."


PICTURE_QUALITY = Cause(
    "picture_quality",
    "picture quality",
    THRESHOLD,
    "filter such images, or train on them",
    weigh,
    sentence,
    natural=False,
    right={"Fashion-MNIST": 0.95, "MNIST": 1.0},
    meaning="the picture is darker, blurred or noisier than training images are",
)
