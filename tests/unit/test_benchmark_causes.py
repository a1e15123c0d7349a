"""Planted faults are where the benchmark of causes says, and nowhere else."""

import numpy as np
import pytest
from cause_worlds import MARGIN, SIDE, Fault, LabeledImages, plant, with_random_labels, with_twins

CLASSES, EACH = 10, 120


@pytest.fixture(scope="module")
def plain() -> LabeledImages:
    """Noise around five gray levels a class, which are its kinds."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(CLASSES), EACH)
    level = rng.integers(1, 6, len(labels)) * 40
    images = level[:, None, None, None] + rng.integers(0, 8, (len(labels), 28, 28, 1))
    test = rng.random(len(labels)) < 0.5
    return LabeledImages(images.astype(np.uint8), labels, test, np.zeros(len(labels), int))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_every_image_has_one_fault_at_most(plain: LabeledImages, seed: int) -> None:
    found = plant(plain, "mnist", seed)
    assert set(np.unique(found.fault)) == set(Fault) - {Fault.OVERLAP, Fault.TURNED}
    assert not (found.fault[~found.test] == Fault.LEFT_OUT).any()
    of = [row for row in range(28) if row < MARGIN + SIDE or row >= 28 - MARGIN - SIDE]
    patched = found.images[found.fault == Fault.PATCH][:, of][:, :, of] == 255
    assert (patched.sum(axis=(1, 2, 3)) == SIDE**2).all()


def test_labels_that_were_swapped_are_of_two_classes(plain: LabeledImages) -> None:
    found = plant(plain._replace(test=np.ones(len(plain.labels), bool)), "mnist", 0)  # none is left out
    wrong = found.labels != plain.labels
    np.testing.assert_array_equal(wrong, found.fault == Fault.LABEL)
    assert len(set(zip(plain.labels[wrong], found.labels[wrong], strict=True))) == 2


def test_random_labels_are_of_any_other_class(plain: LabeledImages) -> None:
    found = with_random_labels(plain, 0)
    np.testing.assert_array_equal(found.labels != plain.labels, found.fault == Fault.LABEL)
    assert 0.03 < (found.fault == Fault.LABEL).mean() < 0.07


def test_twins_are_halves_of_one_class_and_turned_images_are_of_others(plain: LabeledImages) -> None:
    found = with_twins(plain, 0)
    (twin,) = set(plain.labels[found.fault == Fault.OVERLAP])
    np.testing.assert_array_equal(plain.labels == twin, found.fault == Fault.OVERLAP)
    assert 0.3 < (found.labels[plain.labels == twin] == CLASSES).mean() < 0.7
    turned = found.fault == Fault.TURNED
    np.testing.assert_array_equal(found.images[turned], np.rot90(plain.images[turned], axes=(1, 2)))
    assert plain.test[turned].all()
    assert turned.any()
