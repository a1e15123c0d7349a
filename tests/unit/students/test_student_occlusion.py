"""Logits lost with a patch, by hand."""

import numpy as np
import pytest

from deepvid.students.occlusion import MOST_PATCHES, _patches, occlusion


def test_the_pixels_of_a_patch_share_what_goes_with_it() -> None:
    """The margin is 3 x₀₀ + x₁₂ of a 2x3 image: the first patch loses 3, its four pixels 3/4 each; the second
    has one column, loses 1, and its two pixels have 1/2 each.
    """

    def logits(images: np.ndarray) -> np.ndarray:
        margin = 3 * images[:, 0, 0, 0] + images[:, 1, 2, 0]
        return np.stack([np.zeros_like(margin), -margin, np.full_like(margin, 9)], axis=1)

    found = occlusion(logits, np.full((2, 3, 1), 255, np.uint8), np.array([0, 1]))
    np.testing.assert_allclose(found, [[0.75, 0.75, 0.5], [0.75, 0.75, 0.5]])


def test_a_black_patch_is_not_asked_about() -> None:
    asked: list[int] = []

    def logits(images: np.ndarray) -> np.ndarray:
        asked.append(len(images))
        return images.reshape(len(images), -1)[:, :2]

    image = np.zeros((4, 4, 2), np.uint8)
    image[3, 3, 1] = 1
    assert not occlusion(logits, image, np.array([0, 1])).any()
    assert asked == [2]  # the image, and without its last patch
    assert not occlusion(logits, np.zeros_like(image), np.array([0, 1])).any()


@pytest.mark.parametrize(
    ("shape", "count"), [((28, 28), 196), ((32, 32), 256), ((224, 224), 256), ((9, 1), 5), ((1, 999), 250)]
)
def test_patches_cover_every_pixel_once_and_are_not_too_many(shape: tuple[int, int], count: int) -> None:
    patches = _patches(shape)
    assert len(patches) == count <= MOST_PATCHES
    assert (patches.sum(axis=0) == 1).all()
