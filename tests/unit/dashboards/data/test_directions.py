"""Principal directions of points whose spread is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.data.latents import principal


def test_directions_of_points_on_two_crossed_lines() -> None:
    """±(2, 2) and ±(1, -1): along (1, 1)/√2 the variance is (8 + 8)/4 = 4, across it (2 + 2)/4 = 1."""
    found = principal(np.array([[2, 2], [-2, -2], [1, -1], [-1, 1]], "f4") + 7, 5)
    np.testing.assert_allclose(np.abs(found.vector), np.full((2, 2), np.sqrt(0.5)), rtol=1e-6)
    assert found.vector[0, 0] == pytest.approx(found.vector[0, 1])
    np.testing.assert_allclose(found.share, [0.8, 0.2], rtol=1e-6)
    np.testing.assert_allclose(found.spread, [2, 1], rtol=1e-6)


@given(seed=st.integers(0, 1000), images=st.integers(1, 30), latents=st.integers(1, 12))
def test_they_are_orthonormal_by_variance_and_point_to_their_largest_latent(
    seed: int, images: int, latents: int
) -> None:
    means = np.random.default_rng(seed).normal(0, 1, (images, latents)).astype("f4")
    found = principal(means, 4)
    count = min(4, latents)
    np.testing.assert_allclose(found.vector @ found.vector.T, np.eye(count), atol=1e-4)
    assert (np.diff(found.share) <= 1e-6).all()
    assert found.share.sum() <= 1 + 1e-5
    assert (found.vector[np.arange(count), np.abs(found.vector).argmax(axis=1)] > 0).all()


def test_of_images_that_are_all_alike_no_direction_has_a_share() -> None:
    assert principal(np.ones((5, 3), "f4"), 2).share.tolist() == [0, 0]
