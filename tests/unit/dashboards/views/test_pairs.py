"""The pairs of classes that are taken for each other most."""

import numpy as np
import pytest

from dashboards.views.pairs import MOST, Pair, pairs
from deepvid.statistics import wilson

NAMES = ("Shirt", "Coat", "Bag")
COUNTS = np.array([[80, 15, 5], [20, 30, 0], [0, 0, 0]])


def told(found: list[Pair]) -> list[tuple[str, str, int]]:
    return [(NAMES[pair.first], NAMES[pair.second], pair.images) for pair in found]


def test_each_direction_is_a_pair_and_the_most_frequent_comes_first() -> None:
    found = pairs(COUNTS, NAMES, frozenset({(0, 1)}), together=False)
    assert told(found.rows) == [("Coat", "Shirt", 20), ("Shirt", "Coat", 15), ("Shirt", "Bag", 5)]
    assert found.total == 3
    assert [row.chosen for row in found.rows] == [False, True, False]
    assert found.rows[0].cells == [[1, 0]]
    share = wilson(20, 50)
    assert found.rows[0].rate == share
    assert share.value == pytest.approx(0.4)


def test_both_directions_count_as_one() -> None:
    found = pairs(COUNTS, NAMES, frozenset({(0, 1)}), together=True)
    assert told(found.rows) == [("Shirt", "Coat", 35), ("Shirt", "Bag", 5)]
    assert found.rows[0].cells == [[0, 1], [1, 0]]
    assert found.rows[0].rate.value == pytest.approx(35 / 150)
    assert not found.rows[0].chosen  # one of its cells is not
    assert pairs(COUNTS, NAMES, frozenset({(0, 1), (1, 0)}), together=True).rows[0].chosen


def test_nothing_wrong_is_no_pair_and_of_many_the_first_are_listed() -> None:
    assert pairs(np.diag([3, 4]), ("a", "b"), frozenset(), together=False) == ([], 0)
    assert pairs(np.array([[5]]), ("a",), frozenset(), together=True) == ([], 0)
    many = pairs(np.ones((20, 20), int), tuple(map(str, range(20))), frozenset(), together=False)
    assert (len(many.rows), many.total) == (MOST, 380)
