"""Squares in words: four of them, in two logits."""

import numpy as np
import pytest

from dashboards.views.network.superpixels.table import drawn, sentence, trust
from deepvid.engine.requests import SuperpixelWeights

NAMES = ("cat", "dog")


def found(r2: float = 0.8, repeated: float = 0.95) -> SuperpixelWeights:
    return SuperpixelWeights(np.array([[0.5, -2.0], [0.0, 1.0]], "f4"), 14, 300, r2, repeated)


def test_squares_have_one_scale_and_say_for_whom_they_speak() -> None:
    shown = drawn(found(), (28, 28, 1), NAMES, 0, 1)
    assert [square["level"] for square in shown["squares"]] == [32, -127, 0, 64]
    assert [square["value"] for square in shown["squares"]] == ["+.50", "−2.00", ".00", "+1.00"]
    assert shown["squares"][1]["hint"] == "Row 1, column 2: −2.00 logits for dog"
    assert (shown["end"], shown["grid"]) == (2.0, [2, 2])
    told = sentence(found(), NAMES, 0, 1, 7)
    assert told == "#7: most speaks the square in row 1, column 2, for dog (−2.00 logits)"


@pytest.mark.parametrize(
    ("r2", "weak", "end"),
    [(0.8, False, "masks each)"), (0.6, False, "a part of it"), (0.2, True, "do not explain the answer")],
)
def test_how_far_it_can_be_believed_is_said(r2: float, weak: bool, end: str) -> None:
    told = trust(found(r2))
    assert told.text.startswith(f"Held-out R² {r2:.2f}, correlation with a repeat of other masks 0.95")
    assert told.text.endswith(end)
    assert told.weak is weak
    assert "not known" in trust(found(repeated=float("nan"))).text
