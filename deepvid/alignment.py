"""One map turned onto another, so that what lies alike lies in the same place."""

from typing import NamedTuple

import numpy as np


class Turn(NamedTuple):
    """Takes points of one plane into another: a rotation, or its mirror image, one scale and a shift."""

    center: np.ndarray  # f64 (2,): of the points that are turned
    rotation: np.ndarray  # f64 (2, 2), orthogonal; points are rows
    scale: float
    onto: np.ndarray  # f64 (2,): where the center goes
    explained: float  # share of the variance of the target that the turned points explain, 0 to 1

    def of(self, points: np.ndarray) -> np.ndarray:
        """Points (..., 2) of the first plane in the second one."""
        return np.asarray(self.scale * (points - self.center) @ self.rotation + self.onto)

    def back(self, points: np.ndarray) -> np.ndarray:
        """Points (..., 2) of the second plane in the first one."""
        return np.asarray((points - self.onto) @ self.rotation.T / self.scale + self.center)


def procrustes(points: np.ndarray, onto: np.ndarray) -> Turn:
    """The turn of `points` (point, 2) that brings them nearest to `onto` (point, 2), in least squares.

    Rows with a NaN in either are left out. Points that all lie in one place are moved and not turned.

    Source: Gower (1975), Generalized Procrustes analysis, Psychometrika 40, for two configurations.
    """
    known = ~(np.isnan(points).any(axis=1) | np.isnan(onto).any(axis=1))
    first, second = points[known].astype(float), onto[known].astype(float)
    if not len(first):
        return Turn(np.zeros(2), np.eye(2), 1.0, np.zeros(2), 0.0)
    centers = first.mean(axis=0), second.mean(axis=0)
    first, second = first - centers[0], second - centers[1]
    spread, wanted = float((first**2).sum()), float((second**2).sum())
    left, values, right = np.linalg.svd(first.T @ second)
    if not spread or not values.sum():
        return Turn(centers[0], np.eye(2), 1.0, centers[1], 0.0)
    explained = float(values.sum() ** 2 / (spread * wanted))
    return Turn(centers[0], left @ right, float(values.sum()) / spread, centers[1], min(1.0, explained))
