"""A landscape of a linear head on the map itself, whose regions are known."""

from typing import Self

import numpy as np
import pytest

from deepvid.errors import DataError
from deepvid.timetravel.contract import Head
from deepvid.timetravel.landscape import Box, box, cells, landscape

SQUARE = Box(np.float32([-1, -1]), np.float32([1, 1]))
# Class 0 leads on the right and class 1 on the left.
RIGHT_LEFT = Head(np.float32([[1, -1], [0, 0]]), np.zeros(2, np.float32))


class Same:
    """A model whose map is its features."""

    def project(self: Self, features: np.ndarray) -> np.ndarray:
        return features

    def invert(self: Self, position: np.ndarray) -> np.ndarray:
        return position


def test_classes_and_margins_of_known_cells() -> None:
    """At x = 1 the odds are e : 1/e, so p₍₁₎ - p₍₂₎ = tanh 1 = .762, stored as 194 of 255."""
    ground = landscape(Same(), RIGHT_LEFT, SQUARE, 100)
    assert ground.predicted.shape == (100, 100)
    assert ground.predicted.dtype == ground.margin.dtype == np.uint8
    assert (ground.predicted[:, :50] == 1).all()
    assert (ground.predicted[:, 50:] == 0).all()
    assert (ground.margin[:, [0, -1]] == 194).all()
    assert ground.margin[:, 50].max() <= 3


def test_rows_follow_the_second_coordinate() -> None:
    up_down = Head(np.float32([[0, 0], [1, -1]]), np.zeros(2, np.float32))
    ground = landscape(Same(), up_down, SQUARE, 100)
    assert (ground.predicted[0] == 1).all()
    assert (ground.predicted[-1] == 0).all()
    at = cells(np.array([[0.0, -1], [1, 1], [9, 0.9]]), SQUARE, 101)
    assert at.tolist() == [[0, 50], [100, 100], [95, 100]]


def test_a_sure_classifier_and_an_undecided_one_keep_the_same_scale() -> None:
    sure = Head(1000 * RIGHT_LEFT.weight, RIGHT_LEFT.bias)
    assert landscape(Same(), sure, SQUARE, 100).margin.max() == 255
    undecided = Head(0 * RIGHT_LEFT.weight, RIGHT_LEFT.bias)
    assert landscape(Same(), undecided, SQUARE, 100).margin.max() == 0


def test_the_box_is_a_square_around_nearly_all_points() -> None:
    """0 to 10 and 0 to 2: a square of 11 around (5, 1); one point in 2,001 at 1,000 does not stretch it."""
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.uniform([0, 0], [10, 2], (2000, 2)), [[1000, 0]]])
    low, high = box(points)
    np.testing.assert_allclose(low, [-0.5, -4.5], atol=0.1)
    np.testing.assert_allclose(high, [10.5, 6.5], atol=0.1)
    same = box(np.ones((5, 2)))
    assert (same.high > same.low).all()


def test_more_classes_than_a_byte_holds_take_two() -> None:
    many = Head(np.zeros((2, 300), np.float32), np.arange(300, dtype=np.float32))
    ground = landscape(Same(), many, SQUARE, 100)
    assert ground.predicted.dtype == np.uint16
    assert (ground.predicted == 299).all()


@pytest.mark.parametrize("resolution", [99, 401])
def test_a_resolution_out_of_range_is_refused(resolution: int) -> None:
    with pytest.raises(DataError, match="100 to 400"):
        landscape(Same(), RIGHT_LEFT, SQUARE, resolution)
