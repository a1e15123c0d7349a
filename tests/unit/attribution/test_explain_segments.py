import jax
import jax.numpy as jnp
import numpy as np
import pytest

from deepvid.attribution.segments import grid, lab, quickshift


def test_squares_are_smaller_at_the_far_end() -> None:
    segments = grid((5, 4), 2)
    np.testing.assert_array_equal(
        segments.number, [[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 3, 3], [2, 2, 3, 3], [4, 4, 5, 5]]
    )
    np.testing.assert_array_equal(segments.size, [4, 4, 4, 4, 2, 2])


@pytest.mark.parametrize(
    ("color", "wanted"),
    [((1, 1, 1), (100, 0, 0)), ((1, 0, 0), (53.24, 80.09, 67.20)), ((0, 0, 1), (32.30, 79.19, -107.86))],
)
def test_lab_of_known_colors(color: tuple[int, ...], wanted: tuple[float, ...]) -> None:
    np.testing.assert_allclose(lab(jnp.asarray(color, jnp.float32)[None, None])[0, 0], wanted, atol=0.02)


def test_superpixels_end_where_colors_do() -> None:
    image = np.zeros((6, 16, 3), np.float32)
    image[:, 8:] = (1, 0.5, 0)
    number = np.asarray(jax.jit(lambda image: quickshift(image, 1.0, 1.0).number)(image))
    np.testing.assert_array_equal(number, np.broadcast_to(np.arange(16) // 8, (6, 16)))


def test_the_number_of_superpixels_keeps_its_limit() -> None:
    image = np.random.default_rng(0).uniform(size=(20, 22, 1)).astype(np.float32)
    segments = quickshift(image, 0.6, 0.2)  # roots are more than 2 pixels apart: at most 7 x 8
    assert segments.limit == 7 * 8
    assert 10 < segments.number.max() < segments.limit
    assert segments.size.sum() == 20 * 22
