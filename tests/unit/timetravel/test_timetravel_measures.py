"""Measures of maps against hand-computed numbers, chance and the published variants' own faults."""

import math

import numpy as np
import pytest

from deepvid.timetravel.contract import Fitted
from deepvid.timetravel.doubt import phantom
from deepvid.timetravel.landscape import Box, Landscape
from deepvid.timetravel.measures.preservation import bound, ccr, mean_score, nn, ppr, shared_neighbors
from deepvid.timetravel.measures.temporal import movement, rank_correlation, temporal, temporal_nn


def test_a_map_that_is_its_features_keeps_every_neighbor() -> None:
    points = np.random.default_rng(0).normal(size=(50, 2))
    score = nn(shared_neighbors(points, 3 * points), seed=0)
    assert score[:3] == (15, 15, 15)
    assert score.chance == pytest.approx(225 / 49)
    assert score.published == 15
    assert score.number == 50


def test_neighbors_kept_on_a_line() -> None:
    """The nearest of 0, 1, 3, 7 are 1, 0, 1, 3. The map has 1 and 7 exchanged: 7, 3, 7, 0 are nearest there.

    None is kept, and as published each keeps itself alone.
    """
    line, exchanged = np.array([[0.0], [1], [3], [7]]), np.array([[0.0], [7], [3], [1]])
    score = nn(shared_neighbors(line, exchanged, k=1), seed=0)
    assert score.value == 0
    assert score.published == 1


def test_random_maps_reach_the_chance_of_nn_and_bound() -> None:
    rng = np.random.default_rng(0)
    features, position = rng.normal(size=(2000, 8)), rng.normal(size=(2000, 2))
    score = nn(shared_neighbors(features, position), seed=0)
    assert score.low < score.chance < score.high
    near = bound(features, position, rng.normal(size=(500, 8)), rng.normal(size=(500, 2)), seed=0)
    assert near.chance == pytest.approx(225 / 500)
    assert abs(near.value - near.chance) < 0.05


def test_test_samples_alone_are_queries_and_published_are_all() -> None:
    """The map keeps the first 60 samples' neighbors and scatters the other 60 far away."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(120, 2))
    features[60:] += 100
    position = features.copy()
    position[60:] = 100 + rng.normal(size=(60, 2))
    first, second = (
        nn(shared_neighbors(features, position), rows=np.arange(60), seed=0),
        nn(shared_neighbors(features, position), rows=np.arange(60, 120), seed=0),
    )
    assert first.value == 15
    assert second.value < 10
    assert first.number == 60
    assert first.published == second.published
    assert second.value < first.published < first.value


def test_the_boundary_is_kept_where_the_nearest_boundary_points_are() -> None:
    """Of two boundary points left and right on the map, the feature space has them exchanged."""
    samples = np.array([[-1.0, 0], [1, 0]])
    ends = np.array([[-2.0, 0], [2, 0]])
    assert bound(samples, samples, ends, ends, k=1, seed=0).value == 1
    assert bound(samples, samples, ends, ends[::-1], k=1, seed=0).value == 0


def test_predictions_kept_by_inversion() -> None:
    """Predicted 0 0 1 1, again 0 1 1 1: three of four; by chance 1/2 x 1/4 + 1/2 x 3/4 = 1/2."""
    logits = np.eye(2)[[0, 0, 1, 1]]
    decoded = np.eye(2)[[0, 1, 1, 1]]
    score = ppr(logits, decoded)
    assert score.value == 0.75
    assert score.chance == 0.5
    assert score.low < 0.75 < score.high
    assert ppr(logits, decoded, rows=np.array([1])).value == 0
    assert ppr(logits, decoded, rows=np.array([1])).published == 0.75


def test_confidence_lost_by_inversion() -> None:
    """Odds of 3 : 1 and 1 : 1 after: .75 less .5; the other sample keeps its .75."""
    logits = np.log([[3.0, 1], [3, 1]])
    decoded = np.log([[1.0, 1], [3, 1]])
    score = ccr(logits, decoded, seed=0)
    assert score.value == pytest.approx(0.125)
    assert ccr(logits, decoded, rows=np.array([0]), seed=0).value == pytest.approx(0.25)


def fitted(position: np.ndarray, nearest: np.ndarray, sample: np.ndarray | None = None) -> Fitted:
    names = np.arange(len(position)) if sample is None else sample
    return Fitted(names, position, np.zeros((0, 2)), nearest, model=None)  # type: ignore[arg-type]


def test_a_map_that_moves_where_neighborhoods_change_is_perfect() -> None:
    """Sample 0 keeps, loses and keeps its only neighbor while it rests, moves by 1 and rests: r = -1.

    Sample 1 keeps its neighbor always: it has no correlation, and the published variant counts 0 for it.
    """
    still = np.array([[0.0, 0], [1, 0], [0, 1]])
    moved = still + np.array([[1, 0], [0, 0], [0, 0]])
    first, other = np.array([[1], [0], [0]]), np.array([[2], [0], [0]])
    maps = [fitted(*pair) for pair in ((still, first), (still, first), (moved, other), (moved, other))]
    score = temporal(maps, seed=0)
    assert score.value == pytest.approx(-1, abs=0.01)  # the radius at t is not the same
    assert score.number == 1
    assert math.isfinite(score.published)
    assert movement(maps) == 0


def test_epochs_with_different_samples_are_joined_by_name() -> None:
    line = np.array([[0.0, 0], [1, 0], [2, 0]])
    nearest = np.array([[11], [10], [11]])
    here = fitted(line, nearest, np.array([10, 11, 12]))
    there = fitted(line[::-1], nearest[::-1], np.array([12, 11, 10]))
    assert movement([here, there]) == 0
    assert movement([here, fitted(line[:2] + np.array([0, 5]), nearest[:2], np.array([10, 12]))]) > 0


def test_two_epochs_have_no_temporal_measure() -> None:
    line = np.array([[0.0, 0], [1, 0]])
    score = temporal([fitted(line, np.array([[1], [0]]))] * 2, seed=0)
    assert score.number == 0
    assert math.isnan(score.value)


def test_the_nearest_epochs_of_a_map_that_is_its_features() -> None:
    path = np.random.default_rng(0).normal(size=(6, 30, 2))
    assert temporal_nn(path, path, k=2, seed=0).value == 2
    assert rank_correlation(path, path, seed=0).value == pytest.approx(1)
    other = np.random.default_rng(1).normal(size=(6, 300, 2))
    features = np.random.default_rng(2).normal(size=(6, 300, 8))
    near = temporal_nn(features, other, k=2, seed=0)
    assert near.chance == pytest.approx(4 / 5)
    assert abs(near.value - near.chance) < 0.1
    assert near.published > near.value  # the first epoch is always found
    assert abs(rank_correlation(features, other, seed=0).value) < 0.1


def test_a_region_without_a_sample_is_a_phantom() -> None:
    """Class 1 has two regions of 8 cells, one of them without a sample; class 0 between them is faint."""
    predicted = np.zeros((8, 8), np.uint8)
    predicted[:, 0] = predicted[:, 7] = 1
    margin = np.where(predicted == 1, 200, 10).astype(np.uint8)
    ground = Landscape(predicted, margin, Box(np.zeros(2), np.full(2, 7.0)))
    found = phantom(ground, np.array([[0.0, 3.0]]))
    assert found.share == 0.5
    assert found.cells[:, 7].all()
    assert not found.cells[:, :7].any()
    assert phantom(ground, np.array([[0.0, 3.0], [7, 0]])).share == 0
    faint = ground._replace(margin=np.zeros_like(margin))
    assert math.isnan(phantom(faint, np.array([[0.0, 3.0]])).share)


def test_samples_without_a_value_are_left_out() -> None:
    score = mean_score(np.array([1.0, np.nan, 3.0]), chance=0, published=2, seed=0)
    assert score.value == 2
    assert score.number == 2
