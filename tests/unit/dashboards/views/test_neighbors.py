"""The neighbors of an image in numbers and words."""

import numpy as np
import pytest

from dashboards.kit.neighbors import TileClass
from dashboards.views.neighbors.table import (
    distances,
    sentence,
    shares,
    smaller,
    spanned,
    tiles,
)
from deepvid.engine.requests import Neighbors

NAMES = ("Bag", "Coat", "Shirt")


def named(**counts: int) -> list[TileClass]:
    return [TileClass(name, name, "", count) for name, count in counts.items()]


def test_each_tile_has_class_confidence_and_distance() -> None:
    image = np.zeros((2, 2, 1), np.uint8)
    images = np.zeros((4, 2, 2, 1), np.uint8)
    images[1] = 255
    images[2, 0, 0] = 255  # one of four pixels: (1/4)^½
    logits = np.log(
        np.array([[0.1, 0.8, 0.1], [0.2, 0.2, 0.6], [0.1, 0.2, 0.7], [0.4, 0.3, 0.3]], np.float32)
    )
    shown = tiles(7, Neighbors(images, logits, 1, 1.0), image, NAMES)
    assert [(one.name, one.images) for one in shown.classes] == [
        ("Shirt", 2),
        ("Bag", 1),
        ("Coat", 1),
    ]
    assert np.frombuffer(shown.group, "<i4").tolist() == [2, 0, 0, 1]
    assert np.frombuffer(shown.confidence, "<f4") == pytest.approx([0.8, 0.6, 0.7, 0.4], abs=1e-4)
    assert np.frombuffer(shown.distance, "<f4").tolist() == [0, 1, 0.5, 0]
    assert shown.held_out == 3
    assert shown.pixels == images.tobytes()


def test_a_distance_of_colors_is_of_all_channels() -> None:
    image, other = np.zeros((1, 1, 3), np.uint8), np.array([[[[255, 0, 0]]]], np.uint8)
    assert distances(other, image) == pytest.approx([3**-0.5])


def test_large_images_are_averaged() -> None:
    images = np.arange(128 * 128, dtype=np.uint16).reshape(1, 128, 128, 1).astype(np.uint8)
    small = smaller(images)
    assert small.shape == (1, 64, 64, 1)
    assert small[0, 0, 0, 0] == round((0 + 1 + 128 + 129) / 4)
    assert smaller(images[:, :30, :64]).shape == (1, 30, 64, 1)


def test_the_sentence_names_the_commonest_classes() -> None:
    assert sentence(named(Shirt=500)) == "All of its 500 neighbors are Shirt."
    four = named(Shirt=300, Coat=100, Bag=99, Dress=1)
    assert sentence(four) == "Of its 500 neighbors 300 are Shirt, 100 Coat, 99 Bag and 1 Dress."
    five = named(Shirt=300, Coat=100, Bag=90, Dress=9, Boot=1)
    said = "Of its 500 neighbors 300 are Shirt, 100 Coat, 90 Bag and 10 of 2 other classes."
    assert sentence(five) == said


def test_the_band_and_its_widening_are_said() -> None:
    assert spanned({"band": 0.6}, 1.0) == "They are drawn within 0.6 sd of each latent."
    assert "within 2.4 sd of each latent: within 0.6 sd more than 80 % would" in spanned({"band": 0.6}, 4.0)
    assert "a band of each latent's own, each 2 times" in spanned({"band": [0.6, 0.3]}, 2.0)
    assert shares(500, 100, fitted=True).startswith("Its student was fitted on 400 of them")
    assert shares(500, 100, fitted=False).startswith("A student would be fitted on 400")
