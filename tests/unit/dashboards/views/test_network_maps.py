"""Which images are compared, and in which units they differ most."""

import numpy as np
import pytest

from dashboards.views.network.maps.table import CHANNELS, ranked, read, written


def test_d_7_units_come_first_in_which_images_differ_most_against_the_usual_difference() -> None:
    # two images, two places, three units: values 0 and 2 differ by a variance of 2 at a place
    values = np.zeros((2, 2, 3), "f4")
    values[1, :, 0] = 2
    values[1, 0, 1] = 2
    values[:, :, 2] = 5
    order, far = ranked(values, np.array([1, 0.25, 1], "f4"), 0)
    np.testing.assert_allclose(far, [np.sqrt(2), 1 / 0.25, 0], rtol=1e-6)
    assert order == [1, 0, 2]


def test_the_unit_that_is_shown_is_among_them() -> None:
    values = np.zeros((2, 1, 100), "f4")
    values[1, 0] = np.arange(100)[::-1]
    order, _ = ranked(values, np.ones(100, "f4"), 99)
    assert order == [99, *range(CHANNELS - 1)]
    assert ranked(values, np.ones(100, "f4"), 3)[0] == list(range(CHANNELS))


def test_of_one_image_the_largest_map_comes_first_and_a_unit_that_never_answers_last() -> None:
    values = np.array([[[1, 4, 3]]], "f4")
    order, far = ranked(values, np.array([1, 0, 1], "f4"), 0)
    assert order == [2, 0, 1]
    assert far.tolist() == [1, 0, 3]


def test_as_many_images_differ_as_any_do_by_one() -> None:
    rng = np.random.default_rng(0)
    far = [ranked(rng.normal(0, 3, (4, 49, 1)).astype("f4"), np.array([3], "f4"), 0)[1][0] for _ in range(50)]
    assert np.mean(far) == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize(
    ("text", "samples"),
    [("", []), ("21,35", [21, 35]), ("21,21,x,-3,7", [21]), ("1,2,3,4,5,6", [1, 2, 3, 4]), ("9" * 40, [])],
)
def test_an_address_keeps_at_most_four_samples(text: str, samples: list[int]) -> None:
    assert read(text) == samples
    assert read(written(samples)) == samples
