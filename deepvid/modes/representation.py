"""Errors as points: where evidence lies, what the picture is like, the classes in question, and features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from deepvid.causes.cause import Evidence
from deepvid.causes.picture_quality import MEASURES, measures
from deepvid.columns import Column
from deepvid.modes.columns import coordinates

if TYPE_CHECKING:
    from jaxtyping import Float, UInt8

COMPONENTS = 20  # of a block, at most
FARTHEST = 4.0  # standard deviations that an attribute counts, at most
WEIGHTS: Mapping[str, float] = {
    "places": 0.5,
    "attributes": 0.5,
    "features": 0.5,
    "classes": 0.7,
    "columns": 0.5,
}
TINY = 1e-9
ROWS = 4096  # images at once

ATTRIBUTES = (*MEASURES, "height", "side", "spread")
"""Of pictures, in words: brightness and the like, where its middle is, and how far it spreads."""


def represent(
    evidence: Evidence, weights: Mapping[str, float] = WEIGHTS, columns: Sequence[Column] = ()
) -> Float[np.ndarray, "error component"]:
    """Blocks of equal weight, but that of the classes: the principal components of each. `columns` are
    further ones of all samples.
    """
    classes, errors = evidence.logits.shape[1], evidence.errors
    lost = np.where(evidence.has_drops[:, None], evidence.lost, 0.0)
    lost = lost / np.maximum(np.abs(lost).sum(axis=1, keepdims=True), TINY)
    pairs = [np.eye(classes)[of[errors]] for of in (evidence.labels, evidence.answers)]
    blocks = {
        "places": _components(lost),
        "attributes": _standardized(attributes(evidence.images[errors])),
        "features": _components(evidence.features[errors]),
        "classes": _components(np.concatenate(pairs, axis=1)),
        "columns": _components(coordinates(columns, errors)),
    }
    return np.concatenate([weight * blocks[name] for name, weight in weights.items()], axis=1)


def attributes(images: UInt8[np.ndarray, "image y x channel"]) -> Float[np.ndarray, "image attribute"]:
    """`ATTRIBUTES` of each."""
    parts = [_middle(images[begin : begin + ROWS]) for begin in range(0, len(images), ROWS)]
    return np.concatenate([measures(images), np.concatenate(parts or [np.zeros((0, 3))])], axis=1)


def _middle(images: UInt8[np.ndarray, "image y x channel"]) -> Float[np.ndarray, "image 3"]:
    """Middle of the light, and its root mean square distance from there, in sides of the image."""
    gray = images.mean(axis=3, dtype=np.float32) + TINY
    rows, columns = (np.arange(size) / size for size in gray.shape[1:])
    light = gray.sum(axis=(1, 2))
    y = (gray.sum(axis=2) @ rows) / light
    x = (gray.sum(axis=1) @ columns) / light
    square = (gray.sum(axis=2) @ rows**2 + gray.sum(axis=1) @ columns**2) / light
    return np.stack([y, x, np.sqrt(np.maximum(square - y**2 - x**2, 0))], axis=1)


def _components(values: Float[np.ndarray, "error value"]) -> Float[np.ndarray, "error component"]:
    """Principal components, of mean square length 1."""
    centered = values - values.mean(axis=0) if len(values) else values
    _, vectors = np.linalg.eigh(centered.T.astype(float) @ centered)
    return _scaled(centered @ vectors[:, -COMPONENTS:])


def _standardized(values: Float[np.ndarray, "error value"]) -> Float[np.ndarray, "error value"]:
    if not len(values):
        return values
    away = (values - values.mean(axis=0)) / (values.std(axis=0) + TINY)
    return _scaled(np.clip(away, -FARTHEST, FARTHEST))


def _scaled(values: Float[np.ndarray, "error value"]) -> Float[np.ndarray, "error value"]:
    return values / max(np.sqrt((values**2).sum(axis=1).mean()), TINY) if len(values) else values
