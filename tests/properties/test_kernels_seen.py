"""A lasso over points in space takes what one over their picture takes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as some

from dashboards.kernels import seen, tiles

sides = st.floats(-3, 3, width=32)
points = some.arrays(np.float32, st.tuples(st.integers(0, 200), st.just(3)), elements=sides | st.just(np.nan))
views = some.arrays(np.float64, (3, 4), elements=st.floats(-2, 2, width=32))
polygons = some.arrays(np.float64, st.tuples(st.integers(0, 12), st.just(2)), elements=sides)


@given(points, views, polygons)
def test_it_takes_what_a_lasso_over_the_picture_takes(
    position: np.ndarray, view: np.ndarray, polygon: np.ndarray
) -> None:
    found = seen.inside_polygon(position, view, *polygon.T)
    with np.errstate(all="ignore"):
        a, b, w = view @ np.c_[position.astype(float), np.ones(len(position))].T
        at = np.where(w > 0, np.stack([a, b]) / w, np.nan)
    for row, (x, y) in enumerate(at.T):
        expected = bool(np.isfinite([x, y]).all()) and _odd(polygon, x, y)
        if not _near_an_edge(polygon, x, y):  # where rounding decides
            assert found[row] == expected


def _odd(polygon: np.ndarray, x: float, y: float) -> bool:
    """Crossings of the ray to the right, one edge after the other."""
    crossed = 0
    if len(polygon) >= 3:
        for (x0, y0), (x1, y1) in zip(np.roll(polygon, 1, axis=0), polygon, strict=True):
            crossed += (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0
    return crossed % 2 == 1


def _near_an_edge(polygon: np.ndarray, x: float, y: float) -> bool:
    return any(
        abs((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)) < 1e-6 * (1 + abs(x1 - x0) + abs(y1 - y0))
        or abs(y - y0) < 1e-9
        for (x0, y0), (x1, y1) in zip(np.roll(polygon, 1, axis=0), polygon, strict=True)
    )


def test_a_polygon_or_a_view_of_any_numbers_takes_nothing_it_should_not() -> None:
    """A link may name them: nothing is raised."""
    position = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    huge = np.array([[-1e300, -1e300], [1e300, -1e300], [0.0, 1e300]])
    flat = np.eye(3, 4) * 0 + [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1]]
    assert seen.inside_polygon(position, flat, *huge.T).all()
    assert not seen.inside_polygon(position, np.full((3, 4), np.nan), *huge.T).any()
    assert not seen.inside_polygon(position, flat, *np.full((3, 2), np.nan).T).any()
    assert not seen.inside_polygon(position, -flat, *huge.T).any()  # behind who looks


def test_both_kernels_agree_on_a_lasso_by_hand() -> None:
    rng = np.random.default_rng(1)
    position = rng.normal(size=(20_000, 3)).astype(np.float32)
    view = np.array([[1, 0.2, 0.1, 0], [0, 1, 0.3, 0], [0, 0, 0, 1.0]])
    angle = np.linspace(0, 2 * np.pi, 60)
    radius = 1 + 0.4 * np.sin(5 * angle)
    a, b, _ = (view @ np.c_[position.astype(float), np.ones(len(position))].T).astype(np.float32)
    flat = tiles.inside_polygon(tiles.tile(a, b), radius * np.cos(angle), radius * np.sin(angle), len(a))
    found = seen.inside_polygon(position, view, radius * np.cos(angle), radius * np.sin(angle))
    assert np.count_nonzero(found != flat) <= 2  # float32 at the edge
    assert 1000 < found.sum() < 19_000
