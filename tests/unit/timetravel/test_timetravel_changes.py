"""Measures of what changes, on a landscape of two halves with a faint seam."""

import math

import numpy as np
import pytest

from deepvid.timetravel.landscape import Box, Landscape
from deepvid.timetravel.measures.changes import fixing, keep_boundary, moving

PREDICTED = np.repeat(np.uint8([[0, 0, 0, 1, 1]]), 5, axis=0)
MARGIN = np.where(np.arange(5) == 2, 10, 200).astype(np.uint8) * np.ones((5, 1), np.uint8)
GROUND = Landscape(PREDICTED, MARGIN, Box(np.zeros(2), np.full(2, 4.0)))
LEFT, SEAM, RIGHT = [0.0, 1], [2.0, 1], [4.0, 1]
FIRST, EITHER, SECOND = [5.0, 0, -5], [1.0, 0.95, -5], [0.0, 5, -5]


def test_undecided_samples_belong_where_nothing_is_colored() -> None:
    """Of two undecided samples one lies on the seam; of all four, one."""
    score = keep_boundary(
        GROUND, np.array([LEFT, SEAM, RIGHT, RIGHT]), np.array([EITHER, EITHER, FIRST, SECOND])
    )
    assert score.value == 0.5
    assert score.chance == 0.25
    assert score.number == 2


def test_a_sample_whose_class_changes_crosses_to_its_new_region() -> None:
    """The first goes from class 0 to 1 and from left to right, the second stays left: one of two.

    The third keeps its class and the fourth is undecided: they do not count.
    """
    logits = np.array([FIRST, FIRST, FIRST, EITHER]), np.array([SECOND, SECOND, FIRST, SECOND])
    positions = np.array([LEFT, LEFT, LEFT, LEFT]), np.array([RIGHT, LEFT, LEFT, RIGHT])
    score = moving((GROUND, GROUND), positions, logits, seed=0)
    assert score.value == 0.5
    assert score.number == 2
    still = moving((GROUND, GROUND), positions, (logits[0], logits[0]), seed=0)
    assert still.number == 0
    assert math.isnan(still.value)


def test_samples_that_rest_in_the_features_rest_on_the_map() -> None:
    """Of eight samples the first two move least; on the map the first and the third do."""
    features = np.zeros((8, 3)), np.arange(8.0)[:, None] * np.ones(3)
    moved = np.array([0.0, 5, 1, 6, 7, 8, 9, 10])[:, None] * np.ones(2)
    score = fixing(features, (np.zeros((8, 2)), moved))
    assert score.value == 0.5
    assert score.chance == pytest.approx(0.25)
    assert score.number == 2
