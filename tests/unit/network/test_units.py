"""Which units stand beside which."""

import numpy as np

from deepvid.network.units import alike


def test_units_that_answer_classes_alike_stand_side_by_side() -> None:
    label = np.repeat([0, 1, 2], 20)
    rng = np.random.default_rng(0)
    kinds = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2])  # the class that each unit answers
    response = (label[:, None] == kinds) * (1 + kinds) + rng.normal(0, 0.05, (60, 9))
    place = alike(response, label)
    assert sorted(place.tolist()) == list(range(9))
    row = kinds[np.argsort(place)]
    assert np.count_nonzero(np.diff(row)) == 2  # three blocks
    np.testing.assert_array_equal(place, alike(response, label))
    # in units of each unit: ten times as loud is the same
    np.testing.assert_array_equal(place, alike(response * 10.0 ** np.arange(9), label))


def test_few_units_and_those_that_never_change_have_a_place() -> None:
    label = np.array([0, 1, 0, 1])
    assert alike(np.ones((4, 1)), label).tolist() == [0]
    assert sorted(alike(np.ones((4, 5)), label).tolist()) == [0, 1, 2, 3, 4]
