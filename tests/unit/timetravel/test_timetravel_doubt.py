"""Which cells of a landscape are not to be believed."""

import numpy as np

from deepvid.timetravel.doubt import Phantom, doubtful
from deepvid.timetravel.landscape import Box, Landscape, cells, centers

SIZE = 100
BOX = Box(np.float32([-2, -2]), np.float32([2, 2]))
LAND = Landscape(np.zeros((SIZE, SIZE), np.uint8), np.full((SIZE, SIZE), 255, np.uint8), BOX)
NOWHERE = Phantom(0.0, np.zeros((SIZE, SIZE), bool))
CLOUD = np.random.default_rng(0).normal(size=(4000, 2)).astype(np.float32)
DISC = CLOUD[np.linalg.norm(CLOUD, axis=1) < 1]


class Plane:
    """Features are positions; what is decoded at x < -0.5 is projected 1 to the right of it."""

    def __init__(self, *, astray: bool) -> None:
        self._astray = astray

    def project(self, features: np.ndarray) -> np.ndarray:
        moved = np.float32([[1, 0]]) * (features[:, :1] < -0.5)
        return features + moved if self._astray else features

    def invert(self, position: np.ndarray) -> np.ndarray:
        return position


def test_cells_are_numbered_row_by_row_as_positions_find_them() -> None:
    at = centers(BOX, SIZE)
    np.testing.assert_array_equal(
        np.ravel_multi_index(cells(at, BOX, SIZE).T, (SIZE, SIZE)), np.arange(SIZE**2)
    )


def test_cells_far_from_every_sample_are_doubted() -> None:
    found = doubtful(Plane(astray=False), LAND, NOWHERE, DISC, DISC).ravel()
    radius = np.linalg.norm(centers(BOX, SIZE), axis=1)
    assert found[radius > 1.3].all()
    assert found[radius < 0.9].mean() < 0.05


def test_cells_that_do_not_return_are_doubted() -> None:
    """Few samples go astray, so that most return: the left edge of the disc."""
    samples = DISC[(DISC[:, 0] > -0.5) | (np.arange(len(DISC)) % 100 == 0)]
    left = centers(BOX, SIZE)[:, 0] < -0.5
    near = np.linalg.norm(centers(BOX, SIZE), axis=1) < 0.9
    found = doubtful(Plane(astray=True), LAND, NOWHERE, samples, samples).ravel()
    assert found[left & near].all()
    assert found[~left & near].mean() < 0.05


def test_what_is_invented_is_doubted() -> None:
    corner = np.zeros((SIZE, SIZE), bool)
    corner[50, 50] = True
    assert doubtful(Plane(astray=False), LAND, Phantom(0.1, corner), DISC, DISC)[50, 50]
