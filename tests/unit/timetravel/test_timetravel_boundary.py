"""Boundary points of a linear classifier of two pixels, whose boundary is known."""

import numpy as np
import pytest

from deepvid.timetravel.boundary import Pairs, boundary_features, boundary_images, gap
from deepvid.timetravel.contract import Head, linear

# Class 0 leads where the first pixel is brighter, class 1 where the second is, class 2 nowhere.
WEIGHT = np.array([[1, 0, 0], [0, 1, 0]], np.float32)
HEAD = Head(WEIGHT, np.array([0, 0, -3], np.float32))


def answers(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    pixels = images.reshape(len(images), 2).astype(np.float32) / 255
    return HEAD(pixels), pixels


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (200, 1, 2, 1), dtype=np.uint8)


def test_the_gap_of_known_logits() -> None:
    """(3 - 1) / (3 - (-1)) = 1/2; two leading equally have none, and neither have equal logits."""
    logits = np.array([[3.0, 1.0, -1.0], [2.0, 2.0, 0.0], [1.0, 1.0, 1.0]])
    assert gap(logits).tolist() == [0.5, 0, 0]


def test_images_are_found_on_the_boundary_with_their_features_and_classes(images: np.ndarray) -> None:
    """On the boundary both pixels are equally bright; 0.1 of a gap is at most 0.1 (1 + 3) in brightness."""
    found = boundary_images(answers, images, answers(images)[0], 150, seed=0)
    assert found.images.shape == (150, 1, 2, 1)
    assert found.images.dtype == np.uint8
    logits, features = answers(found.images)
    np.testing.assert_array_equal(found.features, features)
    np.testing.assert_allclose(found.gap, gap(logits))
    assert found.gap.max() < 0.1
    assert np.median(np.abs(features[:, 0] - features[:, 1])) < 0.02  # 8 bisections, then bytes
    assert {tuple(pair) for pair in found.classes.tolist()} == {(0, 1), (1, 0)}


def test_the_same_seed_finds_the_same_images_and_another_does_not(images: np.ndarray) -> None:
    logits = answers(images)[0]
    first, again, other = (boundary_images(answers, images, logits, 40, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.images, again.images)
    assert (first.images != other.images).any()


def test_one_predicted_class_has_no_boundary(images: np.ndarray) -> None:
    bright = images.copy()
    bright[:, :, 0], bright[:, :, 1] = 255, 0
    found = boundary_images(answers, bright, answers(bright)[0], 10, seed=0)
    assert [len(part) for part in found] == [0, 0, 0, 0]
    assert found.features.shape == (0, 2)
    features = boundary_features(HEAD, answers(bright)[1], 10, seed=0)
    assert features.features.shape == (0, 2)


def test_pairs_of_classes_with_few_points_are_tried_more_often() -> None:
    """Of the second pair no point is found yet: .95 of the candidates are of it, and .004 more by success."""
    pairs = Pairs(np.array([[0, 1], [0, 2]]), np.array([100, 0]), np.array([100, 10]))
    chosen = pairs.chosen(2000, np.random.default_rng(0))
    assert chosen.mean() == pytest.approx(0.954, abs=0.02)
    later = pairs.after(chosen, chosen == 1)
    assert later.crossings.tolist() == [100, np.count_nonzero(chosen == 1)]
    assert later.tried.sum() == 2110
    assert Pairs.of(np.array([3, 1, 1, 7])).classes.tolist() == [[1, 3], [1, 7], [3, 7]]


def test_features_on_a_segment_have_two_equal_leading_logits() -> None:
    rng = np.random.default_rng(0)
    head = Head(rng.normal(size=(6, 4)).astype(np.float32), rng.normal(size=4).astype(np.float32))
    features = rng.normal(size=(300, 6)).astype(np.float32)
    found = boundary_features(head, features, 200, seed=0)
    assert found.features.shape == (200, 6)
    logits = np.sort(head(found.features), axis=1)
    np.testing.assert_allclose(logits[:, -1], logits[:, -2], atol=1e-4)
    leading = head(found.features).argsort(axis=1)[:, -2:]
    np.testing.assert_array_equal(np.sort(leading, axis=1), np.sort(found.classes, axis=1))


def test_the_weights_of_an_affine_function_are_read_off() -> None:
    read = linear(HEAD, 2)
    np.testing.assert_array_equal(read.weight, HEAD.weight)
    np.testing.assert_array_equal(read.bias, HEAD.bias)
