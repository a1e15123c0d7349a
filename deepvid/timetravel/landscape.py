"""Decisions of the classifier everywhere on a map: a class and a margin for each cell of a grid."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, UInt8
from scipy.special import softmax

from deepvid.errors import DataError
from deepvid.timetravel.contract import Head, Inverse

RESOLUTIONS = (100, 400)  # pixels a side
WITHIN = 0.998  # of the points on either side of either axis lie in the box, all but those few far away
ROOM = 1.1  # the box's size, in that of its points
FULL = 255  # the margin 1, stored


class Box(NamedTuple):
    """A square of the map; both of the centers of its corner cells."""

    low: Float[np.ndarray, "2"]
    high: Float[np.ndarray, "2"]


class Landscape(NamedTuple):
    """The likeliest class of what is decoded at each cell, and its lead over the second."""

    predicted: UInt8[np.ndarray, "y x"]  # uint16 from 257 classes on; y grows with the second coordinate
    margin: UInt8[np.ndarray, "y x"]  # p₍₁₎ - p₍₂₎ in 1/255: one scale for all epochs and runs
    box: Box


def box(position: Float[np.ndarray, "sample 2"]) -> Box:
    """Around the points of one epoch, or of all of them, for cells that stay where they are."""
    low, high = np.quantile(position, [1 - WITHIN, WITHIN], axis=0)
    center, half = (low + high) / 2, max((high - low).max() / 2 * ROOM, np.finfo(np.float32).eps)
    return Box((center - half).astype(np.float32), (center + half).astype(np.float32))


def landscape(model: Inverse, head: Head, box: Box, resolution: int = 200) -> Landscape:
    """Raises `DataError` for a resolution outside 100 to 400."""
    if not RESOLUTIONS[0] <= resolution <= RESOLUTIONS[1]:
        raise DataError(
            f"A landscape has {RESOLUTIONS[0]} to {RESOLUTIONS[1]} pixels a side",
            f"{resolution}",
            "Give a number in between, such as 200",
        )
    probability = softmax(np.asarray(head(model.invert(centers(box, resolution)))), axis=1)
    predicted = probability.argmax(axis=1)
    first, second = -np.partition(-probability, 1, axis=1)[:, :2].T
    kind = np.uint8 if probability.shape[1] <= 256 else np.uint16
    square = (resolution, resolution)
    margin = np.round(FULL * (first - second)).astype(np.uint8)
    return Landscape(predicted.astype(kind).reshape(square), margin.reshape(square), box)


def centers(box: Box, resolution: int) -> Float[np.ndarray, "cell 2"]:
    """Positions of the cells, row by row."""
    x, y = np.linspace(box.low, box.high, resolution, dtype=np.float32).T
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def cells(position: Float[np.ndarray, "sample 2"], box: Box, resolution: int) -> Int[np.ndarray, "sample 2"]:
    """(row, column) of the nearest cell, also of points outside the box."""
    share = (position - box.low) / (box.high - box.low)
    column_row = np.clip(np.round(share * (resolution - 1)), 0, resolution - 1).astype(int)
    return column_row[:, ::-1]
