"""The class colors as people see them who see fewer: measured with the models of the papers named here."""

from itertools import combinations

import numpy as np
import pytest

from dashboards.theme import CLASS_COLORS, DARK, LIGHT, VERDICT_COLORS, Palette, contrast

# Machado, Oliveira & Fernandes (2009), severity 1, on linear RGB.
VISIONS = {
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
# Oklab (Ottosson 2020): linear RGB to the cones, and their cube roots to (L, a, b).
CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def linear(color: str) -> np.ndarray:
    channels = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def closest(colors: tuple[str, ...], vision: str) -> float:
    """The Oklab distance (x 100) of the two colors that are most alike to this vision."""
    seen = [np.clip(VISIONS[vision] @ linear(color), 0, 1) for color in colors]
    lab = [100 * LAB @ np.cbrt(CONES @ color) for color in seen]
    return min(float(np.linalg.norm(first - second)) for first, second in combinations(lab, 2))


def test_the_measure_is_that_of_the_papers() -> None:
    # White is L = 1 to everybody, black is 0; to a deuteranope red and green differ far less than to others.
    assert closest(("#000000", "#FFFFFF"), "deuteranopia") == pytest.approx(100, abs=0.1)
    assert closest(("#CC79A7", "#44AA99"), "deuteranopia") == pytest.approx(1.5, abs=0.1)


@pytest.mark.parametrize(
    ("vision", "ten", "twenty"), [("deuteranopia", 8, 4.4), ("protanopia", 8, 4.4), ("tritanopia", 6, 4.4)]
)
def test_class_colors_differ_whatever_the_color_vision(vision: str, ten: float, twenty: float) -> None:
    assert closest(CLASS_COLORS[:10], vision) >= ten
    assert closest(CLASS_COLORS, vision) >= twenty


@pytest.mark.parametrize("vision", VISIONS)
def test_verdicts_differ_whatever_the_color_vision(vision: str) -> None:
    assert closest(VERDICT_COLORS, vision) >= 13


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_class_colors_stand_out_from_the_cards_of_both_themes(theme: Palette) -> None:
    assert min(contrast(color, theme.surface) for color in CLASS_COLORS) >= 3
    assert min(contrast(color, theme.surface) for color in VERDICT_COLORS[1:]) >= 3
