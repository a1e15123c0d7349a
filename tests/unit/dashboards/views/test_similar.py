"""Similar images, in words."""

import numpy as np
import pytest

from dashboards.data.feature_neighbors import Usual
from dashboards.views.similar import sentence, unusual

NAMES = ("Coat", "Shirt", "Pullover", "Bag", "Dress")


@pytest.mark.parametrize(
    ("near", "label", "said"),
    [
        ([0] * 20, 0, "All of its 20 nearest training images are Coat, its label."),
        ([0] * 20, 1, "All of its 20 nearest training images are Coat; none is Shirt, its label."),
        ([0] * 3 + [1], 1, "Of its 4 nearest training images 3 are Coat and 1 Shirt (its label)."),
        (
            [2, 1, 1, 0, 0, 0, 3, 4],
            4,
            "Of its 8 nearest training images 3 are Coat, 2 Shirt, 1 Pullover, 1 Dress (its label) and "
            "1 of other classes.",
        ),
        ([1], 0, "Of its 1 nearest training images 1 is Shirt; none is Coat, its label."),
        ([], 0, "The run has no training image to compare it with."),
    ],
)
def test_the_classes_are_counted_and_the_label_is_among_them(near: list[int], label: int, said: str) -> None:
    assert sentence(np.array(near, int), label, NAMES) == said


def test_how_unusual_that_is_says_on_how_many_it_was_measured() -> None:
    usual = Usual(1.0, np.array([0, 0, 5, 18, 20, 20, 20, 20]))
    assert unusual(0, usual, "Coat") == "Of 8 test images of Coat, 2 have so few of their own near them."
    assert (
        unusual(20, usual, "Coat")
        == "That is usual: of 8 test images of Coat, 8 have no more of their own near them."
    )
    rare = Usual(1.0, np.array([3, 4]))
    assert unusual(0, rare, "Coat") == "Of 2 test images of Coat, none have so few of their own near them."
