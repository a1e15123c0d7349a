"""Squares in words: four of them, in two logits."""

import numpy as np
import pytest

from dashboards.data.aim import Aim
from dashboards.kit.elements import Element, title, walk, words
from dashboards.kit.pictures import Heat
from dashboards.views.superpixels import squares, trust
from deepvid.engine.requests import SuperpixelWeights

NAMES = ("cat", "dog")


def found(r2: float = 0.8, repeated: float = 0.95) -> SuperpixelWeights:
    return SuperpixelWeights(np.array([[0.5, -2.0], [0.0, 1.0]], "f4"), 14, 300, r2, repeated)


def card() -> Element:
    return squares(found(), np.zeros((28, 20, 1), "u1"), NAMES, Aim(0, 1, ""), 7)


def test_squares_have_one_scale_and_say_for_whom_they_speak() -> None:
    (heat,) = (each for each in walk(card()) if isinstance(each, Heat))
    np.testing.assert_array_equal(np.frombuffer(heat.values, "<f4").reshape(2, 2), found().weight)
    assert heat.texts == ("+.50", "−2.00", ".00", "+1.00")
    assert heat.hints[1] == "Row 1, column 2: −2.00 logits for dog"
    assert (heat.end, heat.grid, heat.sizes) == (2.0, (2, 2), ((14, 14), (14, 6)))
    told = "#7: most speaks the square in row 1, column 2, for dog (−2.00 logits)"
    assert title(told) in walk(card())


@pytest.mark.parametrize(
    ("r2", "weak", "end"),
    [(0.8, False, "masks each)"), (0.6, False, "a part of it"), (0.2, True, "do not explain the answer")],
)
def test_how_far_it_can_be_believed_is_said(r2: float, weak: bool, end: str) -> None:
    told = trust(found(r2))
    assert words(told).startswith(f"Held-out R² {r2:.2f}, correlation with a repeat of other masks 0.95")
    assert words(told).endswith(end)
    assert ("warning" in told.look) is weak
    assert "not known" in words(trust(found(repeated=float("nan"))))
