"""Picture quality: darker, brighter, blurred, noisier, or with more or less contrast than training images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deepvid.causes.cause import Cause, Evidence

if TYPE_CHECKING:
    from jaxtyping import Float, UInt8

ROWS = 1024  # images at once
BRIGHT = 0.98  # share of the pixels that are no brighter than its highlights
LEVEL = 0.01  # of 1: less cannot be seen
LEAST_SPREAD = 0.25  # natural logarithms, a narrower spread of the training images is taken for this
WITHIN = (16, 50, 84)  # percent of the training images: one standard deviation of a normal distribution


def score(evidence: Evidence) -> Float[np.ndarray, " error"]:
    """The largest z of any measure of the picture: its distance from the training images' median, in the
    spread that these have on its side. Where a teacher was trained elsewhere, all images stand for its own.
    """
    known = evidence.images[evidence.training] if evidence.training.any() else evidence.images
    low, usual, high = np.percentile(measures(known), WITHIN, axis=0)
    of = measures(evidence.images[evidence.errors])
    spread = np.maximum(np.where(of > usual, high - usual, usual - low), LEAST_SPREAD)
    return np.abs((of - usual) / spread).max(axis=1)


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


PICTURE_QUALITY = Cause("picture quality", 4.0, "filter such images, or train on them", score)
