"""Columns of the sources that lie on the map's picture."""

from typing import NamedTuple

import numpy as np


class ContourColumns(NamedTuple):
    """Columns of `Overlays.contours`: curves with gaps at NaN."""

    xs: list[np.ndarray]
    ys: list[np.ndarray]
    color: list[str]
    width: list[float]  # px


class NearColumns(NamedTuple):
    """Columns of `Overlays.near`."""

    x: list[float]
    y: list[float]
    url: list[str]
    opacity: list[float]


class OutlineColumns(NamedTuple):
    """Columns of `Overlays.outlines`, one row a polygon."""

    xs: list[list[float]]  # its corners
    ys: list[list[float]]
    dash: list[str]


class AroundColumns(NamedTuple):
    """Columns of `Overlays.around`, and of `picked`."""

    x: list[float]
    y: list[float]
    color: list[str]


class RingColumns(NamedTuple):
    """Columns of `Overlays.rings`."""

    x: list[float]
    y: list[float]
    size: list[float]  # diameter, px
    width: list[float]  # of the line, px


class NameColumns(NamedTuple):
    """Columns of `Overlays.names`."""

    x: list[float]
    y: list[float]
    text: list[str]
    color: list[str]


class TipColumns(NamedTuple):
    """Columns of `Overlays.tip`: the lower left corner of the picture, and the words below it."""

    x: list[float]
    y: list[float]
    url: list[str]
    text: list[str]
    text_y: list[float]
