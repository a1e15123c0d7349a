"""Which samples get a student: three training and five test images with known predictions."""

import numpy as np
import pytest

from deepvid.errors import ConfigError
from deepvid.pipeline.batches import LARGEST, group_sizes
from deepvid.pipeline.students import Predictions, choose

LABEL = np.array([0, 1, 2, 0, 0, 1, 1, 2])
PREDICTED = np.array([1, 1, 2, 1, 0, 0, 1, 1])  # samples 0 (training), 3, 5 and 7 are wrong
CONFIDENCE = np.array([0.9, 0.9, 0.9, 0.5, 0.8, 0.7, 0.6, 0.7])
TEST = np.array([False] * 3 + [True] * 5)
PREDICTIONS = Predictions(LABEL, PREDICTED, CONFIDENCE, TEST)


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        ("misclassified", [5, 7, 3]),  # most confident first; 5 and 7 tie and keep their order
        ("all", [5, 7, 3, 6, 4]),  # then what is right, the most doubtful first
        ("class:1", [5, 6]),
        ("confusion:0,1", [3]),
        ("confusion:1,2", []),
        ("7,0,7,2", [7, 0, 2]),  # as listed, training images too, each once
    ],
)
def test_choice(images: str, expected: list[int]) -> None:
    assert choose(images, PREDICTIONS, classes=3).tolist() == expected


def test_limit_keeps_the_first() -> None:
    assert choose("misclassified", PREDICTIONS, classes=3, limit=2).tolist() == [5, 7]


def test_images_whose_files_are_of_another_class_come_last() -> None:
    other = np.array([False] * 5 + [True, False, False])
    different = PREDICTIONS._replace(other=other)
    assert choose("misclassified", different, classes=3).tolist() == [7, 3, 5]
    found = Predictions.of(np.eye(3)[[1, 1, 2]], None, np.ones(3, bool), np.array([1, 0, -1]))
    assert found.other is not None
    assert found.other.tolist() == [False, True, False]


def test_confidence_is_the_probability_of_the_predicted_class() -> None:
    logits = np.log(np.array([[0.2, 0.8], [0.6, 0.4]]))
    found = Predictions.of(logits, np.array([0, 0]), np.array([True, True]))
    np.testing.assert_allclose(found.confidence, [0.8, 0.6])
    assert found.predicted.tolist() == [1, 0]


def test_independent_classes_have_probabilities_of_their_own() -> None:
    probability = np.array([[0.9, 0.99], [0.6, 0.4]])
    found = Predictions.of(
        np.log(probability / (1 - probability)), None, np.array([True, True]), independent=True
    )
    np.testing.assert_allclose(found.confidence, [0.99, 0.6])
    np.testing.assert_allclose(found.margin, [0.09, 0.2])


@pytest.mark.parametrize("images", ["0,8", "class:3", "confusion:0,3"])
def test_what_does_not_exist_is_named(images: str) -> None:
    with pytest.raises(ConfigError, match=images.rpartition(",")[2].removeprefix("class:")):
        choose(images, PREDICTIONS, classes=3)


@pytest.mark.parametrize("students", [0, 1, 31, 1300, 10_000])
def test_groups_divide_all_students(students: int) -> None:
    sizes = list(group_sizes(students, item_bytes=30_000))
    assert sum(sizes) == students
    assert all(0 < size <= LARGEST for size in sizes)


def test_groups_are_small_at_both_ends() -> None:
    sizes = list(group_sizes(10_000, item_bytes=30_000))
    assert sizes[0] == 32  # a page fills in soon
    assert max(sizes) == LARGEST
    assert sizes[-1] <= 16  # no worker waits long for the last one


def test_large_students_make_small_groups() -> None:
    sizes = list(group_sizes(100, item_bytes=64 * 2**20))
    assert max(sizes) == 4  # 256 MB
