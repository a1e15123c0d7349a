"""Faults that are planted in real images are found, and little is found where none are."""

import tracemalloc

import numpy as np
import pytest
from PIL import Image, ImageFilter

from deepvid import config, datasets
from deepvid.data_check.checking import check_data, sentences
from deepvid.data_check.copies import find_copies
from deepvid.data_check.near_copies import find_near_copies
from deepvid.data_check.quality import judge_quality
from deepvid.datasets import ImageData

TRAINING, TEST = 3_000, 800


@pytest.fixture(scope="module")
def clean() -> ImageData:
    """3,000 training and 800 test images of the embedded set, whose own near copies are few."""
    return datasets.load(config.Dataset(train=TRAINING, test=TEST), seed=0)


def noisy(images: np.ndarray, by: int = 6) -> np.ndarray:
    rng = np.random.default_rng(1)
    return np.clip(images.astype(int) + rng.integers(-by, by + 1, images.shape), 0, 255).astype(np.uint8)


def blurred(images: np.ndarray, radius: float) -> np.ndarray:
    blur = ImageFilter.GaussianBlur(radius)
    return np.stack([np.asarray(Image.fromarray(one[..., 0]).filter(blur))[..., None] for one in images])


def test_copies_are_told_by_split_and_by_label() -> None:
    picture = np.arange(6, dtype=np.uint8)[[0, 1, 0, 2, 1, 3, 3, 4], None, None, None]
    label = np.array([0, 1, 0, 2, 2, 3, 3, 4])
    test = np.array([False, False, False, False, True, True, True, True])
    copies = find_copies(picture, label, test)
    # 0 and 2 repeat within training, 5 and 6 within test; 4 is training image 1 with another label.
    assert copies.copy_of.tolist() == [2, 4, 0, -1, 1, 6, 5, -1]
    assert np.flatnonzero(copies.copied).tolist() == [4]
    assert np.flatnonzero(copies.two_labels).tolist() == [1, 4]
    assert np.flatnonzero(copies.repeated).tolist() == [0, 2, 5, 6]
    assert not find_copies(picture, None, test).two_labels.any()


def test_planted_copies_and_contradictions_are_found_with_their_pairs(clean: ImageData) -> None:
    assert clean.labels is not None
    images, labels = clean.images.copy(), clean.labels.copy()
    images[TRAINING : TRAINING + 12] = images[:12]
    labels[TRAINING + 12] = (labels[20] + 1) % 10
    images[TRAINING + 12] = images[20]
    labels[TRAINING : TRAINING + 12] = labels[:12]
    findings = check_data(images, labels, clean.test, seed=0)
    assert findings.counts["copied"] == 13
    assert findings.counts["two_labels"] == 2
    assert findings.copy_of[TRAINING : TRAINING + 12].tolist() == list(range(12))
    assert "13 test images are also training images (#3000 like #0" in sentences(findings)[0]
    assert not findings.flags["near_copy"][TRAINING : TRAINING + 13].any()  # said once


@pytest.mark.parametrize("draw", range(3))
def test_one_test_image_in_twenty_with_noise_is_found_and_has_a_z(clean: ImageData, draw: int) -> None:
    images, count = clean.images.copy(), TEST // 20
    chosen = np.random.default_rng(draw).permutation(TRAINING)[:count]
    planted = np.arange(TRAINING, TRAINING + count)
    images[planted] = noisy(images[chosen])
    findings = check_data(images, clean.labels, clean.test, seed=draw)
    assert findings.flags["near_copy"][planted].mean() >= 0.95
    found = planted[findings.flags["near_copy"][planted]]
    assert (findings.nearest[found] == chosen[found - TRAINING]).mean() >= 0.95
    assert findings.z is not None
    assert findings.z > 5


def test_clean_images_have_few_near_copies_and_no_z(clean: ImageData) -> None:
    findings = check_data(clean.images, clean.labels, clean.test, seed=0)
    assert findings.counts.keys() <= {"near_copy", "dark", "overexposed", "blurred"}
    assert findings.flags["near_copy"].sum() <= 2
    assert sum(findings.flags[name].sum() for name in ("dark", "overexposed", "blurred")) <= 10
    assert findings.z is not None
    assert abs(findings.z) < 3


def test_planted_faults_of_pictures_are_found(clean: ImageData) -> None:
    images = clean.images.copy()
    planted = {
        "dark": (images[0:20] * 0.15).astype(np.uint8),
        "overexposed": (images[20:40] * 0.3 + 178).astype(np.uint8),
        "blurred": blurred(images[40:60], 2),
        "plain": noisy(np.full_like(images[60:80], 90), by=3),
    }
    for part, pictures in enumerate(planted.values()):
        images[20 * part : 20 * part + 20] = pictures
    quality = judge_quality(images)._asdict()
    for part, name in enumerate(planted):
        assert quality[name][20 * part : 20 * part + 20].mean() >= 0.9, name
        assert quality[name][80:].mean() < 0.003, name


def test_a_file_of_another_form_or_size_is_odd() -> None:
    images = np.random.default_rng(0).integers(0, 255, (100, 9, 9, 1), np.uint8)
    sizes = np.tile([600, 800], (100, 1)) + np.random.default_rng(0).integers(-40, 40, (100, 2))
    sizes[3], sizes[4], sizes[5] = (200, 2000), (60, 80), (6000, 8000)
    assert np.flatnonzero(judge_quality(images, sizes).odd_size).tolist() == [3, 4, 5]


@pytest.mark.parametrize("count", [1, 2, 5, 20])
def test_few_images_are_checked_for_copies_and_the_rest_cannot_be_told(count: int) -> None:
    images = np.random.default_rng(0).integers(0, 255, (count, 8, 8, 3), np.uint8)
    test = np.arange(count) >= count // 2
    findings = check_data(images, np.zeros(count, int), test, seed=0)
    assert (findings.counts, findings.z, len(findings.unknown)) == ({}, None, 1 + (count > 1))


def test_images_of_one_pixel_and_equal_ones_are_checked() -> None:
    images = np.zeros((300, 1, 1, 1), np.uint8)
    images[:250] = np.arange(250, dtype=np.uint8)[:, None, None, None]
    findings = check_data(images, np.zeros(300, int), np.arange(300) >= 250, seed=0)
    assert findings.counts == {"copied": 50, "plain": 300}
    everything = check_data(images[250:], None, np.arange(50) >= 25, seed=0)
    assert everything.counts == {"copied": 25, "plain": 50}


def test_a_hundred_thousand_copies_of_one_image_take_little_memory_and_no_square_of_them() -> None:
    picture = np.random.default_rng(0).integers(0, 255, (1, 8, 8, 1), np.uint8)
    images = np.repeat(picture, 100_000, axis=0)
    tracemalloc.start()
    findings = check_data(images, np.zeros(100_000, int), np.arange(100_000) >= 50_000, seed=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert findings.counts == {"copied": 50_000}
    assert peak < 60e6


def test_near_copies_are_looked_for_in_bounded_memory() -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (30_000, 16, 16, 1), np.uint8)
    test = np.arange(30_000) >= 20_000
    tracemalloc.start()
    near = find_near_copies(images, test, np.ones(30_000, bool), lookups=9_000, seed=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert near is not None
    assert near.compared == 9_000
    assert peak < 26e6  # all distances to one part of the training images at once were 22 MB more


def test_the_same_seed_finds_the_same(clean: ImageData) -> None:
    one, two = (check_data(clean.images, clean.labels, clean.test, seed=4) for _ in range(2))
    np.testing.assert_array_equal(one.nearness, two.nearness)
