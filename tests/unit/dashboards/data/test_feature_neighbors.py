"""The nearest images in a teacher's features, against brute force and against numbers worked out by hand."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from dashboards.data import feature_neighbors
from dashboards.data.feature_neighbors import METRICS, Space


def a_space(features, label=None, test=None):
    features = np.asarray(features, np.float32)
    label = np.zeros(len(features), np.int32) if label is None else np.asarray(label, np.int32)
    test = np.zeros(len(features), np.bool_) if test is None else np.asarray(test, np.bool_)
    return Space(xr.DataArray(features, dims=("sample", "feature")), label, label, test)


def brute_force(features, sample, among, count):
    distance = np.sqrt(((features.astype(np.float64) - features[sample]) ** 2).sum(axis=1))
    others = [other for other in among if other != sample]
    return sorted(others, key=lambda other: (distance[other], other))[:count]


@given(
    seed=st.integers(0, 10_000),
    size=st.integers(2, 80),
    offset=st.sampled_from([0.0, 100.0, 1e4]),
    count=st.integers(1, 9),
)
def test_they_are_those_of_brute_force_also_far_from_the_origin(seed, size, offset, count):
    """At an offset of 1e4, |x|² − 2 x·q + |q|² in float32 is off by far more than any distance here."""
    random = np.random.default_rng(seed)
    features = (random.integers(0, 3, (size, 4)) * 0.25 + offset).astype(np.float32)  # with many ties
    test = random.random(size) < 0.5
    sample = int(random.integers(size))
    near = a_space(features, test=test).neighbors(sample, count)
    assert near.training.sample.tolist() == brute_force(features, sample, np.flatnonzero(~test), count)
    assert near.test.sample.tolist() == brute_force(features, sample, np.flatnonzero(test), count)


def test_an_image_is_not_its_own_neighbor_and_its_copies_come_by_their_index():
    near = a_space([[1, 0], [5, 0], [1, 0], [1, 0]]).neighbors(2, 3)
    assert near.training.sample.tolist() == [0, 3, 1]
    assert near.training.distance.tolist() == [0, 0, 4]
    assert near.test.sample.tolist() == []


def test_images_that_a_training_did_not_use_are_near_to_none():
    features = np.array([[0, 0], [np.nan, np.nan], [3, 0], [np.nan, np.nan], [1, 0]], np.float32)
    space = a_space(features, test=[False, False, False, False, True])
    assert space.neighbors(4, 4).training.sample.tolist() == [0, 2]
    assert space.usual(0, 4).nearest == 1
    assert space.usual(0, 4).own.tolist() == [2]


def test_features_in_several_blocks_are_compared_as_in_one(monkeypatch):
    random = np.random.default_rng(0)
    features, label = random.normal(size=(50, 3)), random.integers(0, 2, 50)
    test = np.arange(50) % 3 == 0
    whole = a_space(features, label, test)
    expected = whole.neighbors(7, 5), whole.usual(1, 5)
    monkeypatch.setattr(feature_neighbors, "BLOCK", 4)
    parts = a_space(features, label, test)
    for group, other in zip(parts.neighbors(7, 5), expected[0], strict=True):
        assert group.sample.tolist() == other.sample.tolist()
    assert parts.usual(1, 5).nearest == pytest.approx(expected[1].nearest, rel=1e-5)
    assert parts.usual(1, 5).own.tolist() == expected[1].own.tolist()


def test_what_is_usual_of_a_class_is_measured_on_its_test_images():
    """On a line: training images of class 0 at 0 and 1, of class 1 at 10 and 11.

    The test images of class 0 at 2, 3 and 9 have 2, 2 and 0 of their own among the two nearest, and are 1, 2
    and 1 away from the nearest; the one of class 1 at 10.5 does not count.
    """
    line, label = [0, 1, 10, 11, 2, 3, 9, 10.5], [0, 0, 1, 1, 0, 0, 0, 1]
    usual = a_space(np.array(line)[:, None], label, np.arange(8) >= 4).usual(0, 2)
    assert usual.own.tolist() == [0, 2, 2]
    assert usual.nearest == pytest.approx(1)
    assert [usual.as_few(own) for own in (0, 1, 2)] == [1, 1, 3]


def test_nothing_is_usual_of_a_class_without_test_images():
    space = a_space([[0], [1], [2]], [0, 0, 1], [False, True, False])
    assert space.usual(1, 2) is None
    assert space.knows_usual(1, 2)
    assert not space.knows_usual(0, 2)


def test_e5_by_cosine_an_image_is_near_that_points_the_same_way() -> None:
    features = np.array([[1, 0], [9, 1], [0.5, 2], [3, 0]], np.float32)
    array, test = xr.DataArray(features, dims=("sample", "feature")), np.arange(4) == 0
    label = np.zeros(4, int)
    by_length, by_angle = (Space(array, label, label, test, metric=metric) for metric in METRICS)
    assert by_length.neighbors(0, 3).training.sample.tolist() == [3, 2, 1]  # 2, 2.06 and 8.06 away
    found = by_angle.neighbors(0, 3).training
    assert found.sample.tolist() == [3, 1, 2]
    assert found.distance[2] == pytest.approx(np.sqrt(2 - 2 * 0.5 / np.hypot(0.5, 2)))
    assert by_length.like([3], 5) == [0]  # the only test image
