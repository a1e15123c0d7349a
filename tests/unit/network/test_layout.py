"""Maps of layers: what they are by another route, and how one is turned onto another."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from deepvid.config import names
from deepvid.network.layout import (
    LAYOUTS,
    aligned,
    farthest,
    normalized,
    pivot_mds,
    preservation,
    principal,
    walked,
)

RNG = np.random.default_rng(0)
CLOUD = RNG.normal(size=(60, 5)) * [5, 3, 1, 0.5, 0.2]


def like(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """`first` with each axis turned as in `second`."""
    return first * np.sign((first * second).sum(axis=0))


def test_a_rectangle_is_laid_out_along_its_sides() -> None:
    """Four corners of 6 x 2, tilted in three dimensions: the long side first."""
    corners = np.array([[3, 1], [3, -1], [-3, -1], [-3, 1]])
    tilted = corners @ np.linalg.qr(RNG.normal(size=(3, 3)))[0][:2] + 7
    assert_allclose(abs(principal(tilted)), abs(corners), atol=1e-9)


def test_with_all_samples_as_pivots_scaling_is_pca() -> None:
    scaled = pivot_mds(CLOUD, farthest(CLOUD, len(CLOUD)))
    expected = principal(CLOUD)
    assert_allclose(like(scaled, expected), expected, atol=1e-9)


def test_few_pivots_are_near_it() -> None:
    assert 0 < aligned(pivot_mds(CLOUD, farthest(CLOUD, 8)), principal(CLOUD)).residual < 0.3


def test_each_pivot_is_the_farthest_from_those_before() -> None:
    line = np.array([[0.0], [1], [10], [4]])  # mean 3.75: first 10, then 0, then 4 (4 from 0), then 1
    assert farthest(line, 9).tolist() == [2, 0, 3, 1]
    assert sorted(farthest(np.zeros((3, 2)), 3).tolist()) == [0, 1, 2]


@pytest.mark.parametrize("data", [np.zeros((4, 3)), np.zeros((1, 3)), np.arange(6.0)[:, None]])
def test_what_has_no_second_dimension_lies_on_a_line(data: np.ndarray) -> None:
    for position in (principal(data), pivot_mds(data, farthest(data, len(data)))):
        assert position.shape == (len(data), 2)
        assert_allclose(position[:, 1], 0, atol=1e-9)
        assert_allclose(np.ptp(position[:, 0]), np.ptp(data), atol=1e-9)
        assert np.isfinite(aligned(position, position).position).all()


@given(st.floats(0, 7), st.floats(0.01, 100), st.booleans())
def test_a_turned_scaled_and_mirrored_copy_returns(angle: float, scale: float, mirrored: bool) -> None:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = CLOUD[:, :2]
    back = aligned(scale * points @ turn * [1, -1 if mirrored else 1] + 3, points)
    assert back.residual < 1e-9
    assert back.mirrored == mirrored
    assert_allclose(back.position, normalized(points), atol=1e-9)


@given(st.integers(0, 10_000))
def test_it_is_the_better_of_the_angle_of_the_points_and_of_their_mirror_image(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = normalized(rng.normal(size=(9, 2))), normalized(rng.normal(size=(9, 2)))
    turned = [_by_angle(first * [1, sign], second) for sign in (1, -1)]
    distances = [np.sqrt(((one - second) ** 2).sum() / 9) for one in turned]
    found = aligned(first, second)
    assert found.residual == pytest.approx(min(distances), abs=1e-9)
    assert_allclose(found.position, turned[int(np.argmin(distances))], atol=1e-7)
    assert found.mirrored == (distances[1] < distances[0])


def _by_angle(points: np.ndarray, onto: np.ndarray) -> np.ndarray:
    (ax, ay), (bx, by) = points.T, onto.T
    angle = np.arctan2((ax * by - ay * bx).sum(), (ax * bx + ay * by).sum())
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.stack([cosine * ax - sine * ay, sine * ax + cosine * ay], axis=1)


def test_every_map_is_turned_onto_the_one_before_as_that_one_lies() -> None:
    first = CLOUD[:, :2]
    quarter = first @ [[0, 1], [-1, 0]]
    one, two, three = walked([first, quarter, quarter * [1, -1]])
    assert np.isnan(one.residual)
    for later in (two, three):
        assert later.residual < 1e-9
        assert_allclose(later.position, one.position, atol=1e-9)
    assert (two.mirrored, three.mirrored) == (False, True)


def test_a_map_of_the_plane_keeps_all_neighbors_and_a_random_one_as_many_as_chance() -> None:
    plane = RNG.normal(size=(400, 2))
    every = preservation(plane, 3 * plane + 1, seed=0)
    assert every.share.value == 1
    assert every.chance == pytest.approx(10 / 399)
    none = preservation(plane, RNG.normal(size=(400, 2)), seed=0)
    assert none.share.value == pytest.approx(none.chance, abs=0.015)


def test_neighbors_of_one_sample_are_unknown() -> None:
    assert np.isnan(preservation(np.zeros((1, 3)), np.zeros((1, 2)), seed=0).share.value)


def test_every_layout_that_an_experiment_may_name_is_there() -> None:
    assert set(LAYOUTS) == set(get_args(names.LayerLayout))
    for layout in LAYOUTS.values():
        assert layout(CLOUD, 8).shape == (60, 2)
