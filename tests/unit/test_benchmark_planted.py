"""The score of the planted patch, by numbers that a hand can follow."""

import numpy as np
import pytest
from planted_score import chance, share_on

PLANTED = np.array([[True, True, False, False, False], [False, False, False, False, False]])


@pytest.mark.parametrize(
    ("of_first_row", "of_second_row", "share"),
    [
        ([9, 8, 1, 0, 0], [0, 0, 0, 0, 0], 1.0),  # both of the strongest two are planted
        ([9, 0, 8, 1, 0], [0, 0, 0, 0, 0], 0.5),
        ([-9, -8, 0, 0, 0], [0, 0, 0, 2, 1], 0.0),  # the patch speaks against the class
        ([5, 5, 5, 0, 0], [0, 5, 0, 0, 0], 0.5),  # two of four equal pixels: half of each
        ([3, -1, -1, -1, -1], [-1, -1, -1, -1, -1], 0.5 + 0.5 / 9),  # nine others say nothing: one of them
        ([0, 0, 0, 0, 0], [0, 0, 0, 0, 0], 0.2),  # no opinion: chance
    ],
)
def test_the_share_of_the_strongest_pixels_on_the_patch(
    of_first_row: list[float], of_second_row: list[float], share: float
) -> None:
    maps = np.array([[of_first_row, of_second_row]], float)
    assert share_on(maps, PLANTED, 0.2) == pytest.approx([share])  # two pixels of ten


def test_chance_is_the_planted_share_of_the_image() -> None:
    assert chance(PLANTED) == pytest.approx(0.2)
