"""Gestures through the tiles equal what a look at every single point says."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dashboards.kernels import tiles

# Thousandths: maps have no two scales 30 orders apart, where which side of an edge is a matter of rounding.
coordinate = st.integers(-100_000, 100_000).map(lambda thousandths: np.float32(thousandths / 1000))
points = st.integers(1, 60).flatmap(lambda n: arrays(np.float32, (2, n), elements=coordinate))
corners = st.integers(3, 9).flatmap(lambda n: arrays(np.float64, (2, n), elements=coordinate))


def _even_odd(x, y, px, py):
    """Casts a ray to the right from every point, in plain NumPy."""
    inside = np.zeros(len(x), bool)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for x0, y0, x1, y1 in zip(np.roll(px, 1), np.roll(py, 1), px, py, strict=True):
            crosses = (y0 > y) != (y1 > y)
            inside ^= crosses & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return inside


@settings(max_examples=300)
@given(points, corners)
@example(np.float32([[0, 1, 2], [0, 1, 2]]), np.array([[0, 2, 2, 0], [0, 0, 2, 2.0]]))  # corners on points
@example(np.float32([[3, 3, 3], [0, 1, 2]]), np.array([[2, 4, 4, 2], [0, 0, 1, 1.0]]))  # no width
def test_a_lasso_selects_what_the_even_odd_rule_selects(position, polygon):
    x, y = position
    found = tiles.inside_polygon(tiles.tile(x, y), *polygon, rows=len(x))
    np.testing.assert_array_equal(found, _even_odd(x.astype(float), y.astype(float), *polygon))


@given(
    points,
    st.integers(3, 9).flatmap(lambda n: arrays(np.float64, (2, n), elements=st.floats(allow_nan=False))),
)
def test_any_polygon_a_link_may_name_is_survived(position, polygon):
    x, y = position
    assert tiles.inside_polygon(tiles.tile(x, y), *polygon, rows=len(x)).shape == x.shape


def test_a_polygon_far_beyond_the_map_selects_everything():
    x, y = np.float32([0, 1e-27, 2e-27]), np.float32([0, 1e-27, 2e-27])
    far = np.array([-1e308, 1e308, 1e308, -1e308]), np.array([-1e308, -1e308, 1e308, 1e308])
    assert tiles.inside_polygon(tiles.tile(x, y), *far, rows=3).all()


def test_a_lasso_over_dense_clusters_is_exact_too():
    random = np.random.default_rng(0)
    centers = random.normal(size=(10, 2)) * 20
    x, y = (centers[random.integers(10, size=200_000)] + random.normal(size=(200_000, 2))).T.astype(
        np.float32
    )
    angle = np.linspace(0, 2 * np.pi, 90)
    polygon = 20 * np.cos(angle) * (1 + 0.3 * np.sin(5 * angle)), 20 * np.sin(angle)
    found = tiles.inside_polygon(tiles.tile(x, y), *polygon, rows=len(x))
    assert 0.1 < found.mean() < 0.9
    np.testing.assert_array_equal(found, _even_odd(x.astype(float), y.astype(float), *polygon))


@given(points, coordinate, coordinate, st.floats(0.01, 300), st.floats(0.01, 300))
def test_the_nearest_point_is_the_one_a_full_search_finds(position, at_x, at_y, radius_x, radius_y):
    x, y = position
    distance = ((x.astype(float) - at_x) / radius_x) ** 2 + ((y.astype(float) - at_y) / radius_y) ** 2
    found = tiles.nearest(tiles.tile(x, y), at_x, at_y, radius_x, radius_y)
    if found is None:
        assert distance.min() >= 1
    else:
        assert distance[found] == distance.min()


def test_rows_without_a_position_are_never_selected_nor_near():
    x, y = np.float32([0, np.nan, 1]), np.float32([0, 0, np.nan])
    grid = tiles.tile(x, y)
    assert grid.order.tolist() == [0]
    everything = np.array([-9, 9, 9, -9.0]), np.array([-9, -9, 9, 9.0])
    assert tiles.inside_polygon(grid, *everything, rows=3).tolist() == [True, False, False]


def test_tiles_go_row_by_row_from_the_bottom_left():
    x, y = np.float32([1, 0, 1, 0]), np.float32([1, 1, 0, 0])
    assert tiles.tile(x, y).order.tolist() == [3, 2, 1, 0]


def test_a_line_selects_nothing():
    grid = tiles.tile(np.float32([0, 1]), np.float32([0, 1]))
    assert not tiles.inside_polygon(grid, np.array([0, 1.0]), np.array([0, 1.0]), rows=2).any()
