"""Votes of neighbors, on lines where everybody sees who is near."""

import numpy as np
import pytest

from deepvid.neighbors import nearest
from deepvid.network.knn_probe import chance, depth, knn_probe, never
from deepvid.network.units import spread, strongest


def test_most_neighbors_decide_and_the_nearer_ones_where_as_many_say_otherwise() -> None:
    label = np.array([2, 1, 1, 2, 0])
    found = knn_probe(np.array([[0, 1, 2], [1, 0, 3], [4, 0, 1]]), label, 3)  # 2 1 1, 1 2 2, 0 2 1
    assert found.said.tolist() == [1, 2, 0]
    assert found.votes.tolist() == [2, 2, 1]
    assert knn_probe(np.array([[3, 1, 0, 2], [1, 0, 2, 3]]), label, 3).said.tolist() == [
        2,
        1,
    ]  # 2 1 2 1, 1 2 1 2


def test_shuffled_labels_say_as_much_as_chance() -> None:
    rng = np.random.default_rng(1)
    label = np.arange(500) % 10
    points = np.eye(10)[label] + rng.normal(0, 0.1, (500, 10))
    near = nearest(points, points, 30)
    assert (knn_probe(near, label, 10).said == label).mean() == 1
    assert chance(near, label, label, 10, seed=0) == pytest.approx(0.1, abs=0.05)


def test_a_prediction_is_made_where_all_later_layers_say_it() -> None:
    said = np.array([[1, 0, 1, 0], [1, 1, 0, 0], [1, 1, 1, 0]])  # (column, sample)
    assert depth(said, np.array([1, 1, 1, 1])).tolist() == [0, 1, 2, 3]


def test_errors_that_never_look_like_their_class_are_counted_among_errors() -> None:
    said = np.array([[0, 1, 1, 0], [0, 0, 1, 0]])  # (column, sample); sample 1 is lost on the way
    predicted, label = np.array([0, 0, 1, 0]), np.array([1, 1, 1, 2])
    # wrong: samples 0, 1 and 3; at no layer their class: 0 and 3
    assert never(said, predicted, label).value == pytest.approx(2 / 3)
    assert np.isnan(never(said, label, label).value)


def test_a_unit_that_tells_classes_apart_has_all_its_variance_between_them() -> None:
    label = np.array([0, 0, 1, 1])
    response = np.array([[1, 1, 5.0], [1, 2, 5], [3, 1, 5], [3, 2, 5]])  # perfectly, not at all, never
    assert spread(response, label).tolist() == [1, 0, 0]
    # means 1 and 2 around 1.5, with 0.5 to either side in each: half of the variance
    assert spread(np.array([[0.5], [1.5], [1.5], [2.5]]), label)[0] == pytest.approx(0.5)
    assert strongest(np.array([0.1, 0.9, 0.5, 0.9]), 3).tolist() == [1, 2, 3]
