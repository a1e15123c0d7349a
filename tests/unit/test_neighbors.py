"""Nearest neighbors, against all distances in full and a stable sort of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from deepvid import neighbors
from deepvid.neighbors import k_smallest, nearest

LINE = np.array([[0.0], [1], [2], [10], [11]], np.float32)


def test_neighbors_come_by_distance() -> None:
    assert nearest(LINE, np.array([[1.4], [9]], np.float32), 3).tolist() == [[1, 2, 0], [3, 4, 2]]
    assert nearest(LINE, LINE[:1], 9).shape == (1, 5)  # of few points all


def test_many_queries_find_what_one_by_one_finds() -> None:
    rng = np.random.default_rng(0)
    points, queries = rng.normal(size=(50, 4)), rng.normal(size=(2500, 4))
    distances = ((queries[:, None] - points) ** 2).sum(axis=2)
    np.testing.assert_array_equal(nearest(points, queries, 7), distances.argsort(axis=1)[:, :7])


def test_a_query_that_is_a_point_is_none_of_its_own_neighbors() -> None:
    points = np.array([[0.0], [1.0], [3.0], [7.0]])
    own = np.array([1, -1])
    assert nearest(points, np.array([[1.0], [2.9]]), 2, own=own).tolist() == [[0, 2], [2, 1]]
    assert nearest(points, points[[3]], 9, own=np.array([3])).tolist() == [[2, 1, 0]]


@given(
    values=arrays(np.float32, st.tuples(st.integers(1, 5), st.integers(1, 12)), elements=st.integers(0, 3)),
    k=st.integers(0, 14),
)
def test_equal_values_stand_as_a_stable_sort_leaves_them(values: np.ndarray, k: int) -> None:
    np.testing.assert_array_equal(k_smallest(values, k), values.argsort(axis=1, kind="stable")[:, :k])


def test_what_is_infinite_or_unknown_comes_last() -> None:
    values = np.array([[np.inf, 2.0, np.nan, 1.0, np.inf], [np.nan, np.inf, np.nan, np.nan, 0.0]])
    for k in range(1, 6):
        known = np.isfinite(values).sum(axis=1) >= k
        expected = values.argsort(axis=1, kind="stable")[:, :k]
        np.testing.assert_array_equal(k_smallest(values, k)[known], expected[known])


@given(
    points=arrays(np.float64, st.tuples(st.integers(2, 30), st.just(2)), elements=st.integers(-2, 2)),
    k=st.integers(1, 8),
)
def test_points_on_a_grid_have_the_neighbors_that_brute_force_gives(points: np.ndarray, k: int) -> None:
    far = ((points[:, None] - points) ** 2).sum(axis=2)  # whole numbers: nothing is lost to rounding
    np.testing.assert_array_equal(nearest(points, points, k), far.argsort(axis=1, kind="stable")[:, :k])
    np.fill_diagonal(far, np.inf)
    k = min(k, len(points) - 1)
    own = np.arange(len(points))
    expected = far.argsort(axis=1, kind="stable")[:, :k]
    np.testing.assert_array_equal(nearest(points, points, k, own=own), expected)


def test_no_more_distances_are_held_at_once_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    points = np.random.default_rng(0).normal(size=(40, 3))
    whole, held = nearest(points, points, 5), []

    def counted(values: np.ndarray, k: int) -> np.ndarray:
        held.append(values.nbytes)
        return k_smallest(values, k)

    monkeypatch.setattr(neighbors, "BYTES", 1000)
    monkeypatch.setattr(neighbors, "k_smallest", counted)
    np.testing.assert_array_equal(nearest(points, points, 5), whole)
    assert max(held) <= 1000
    assert len(held) == 14  # of 3 queries by 40 points, 8 bytes each
