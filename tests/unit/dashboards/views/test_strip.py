"""A strip in words: a toy teacher of three classes, frames of two pixels."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from dashboards.data.aim import Aim, aim, aims
from dashboards.kit.elements import walk, words
from dashboards.kit.pictures import Heat, Picture
from dashboards.views.strip import drawn, evidence_of, notes, sentence, transfer

NAMES = ("cat", "dog", "owl")
LOGITS = np.array([[1, -1, 0], [1, 0, 0], [1, 1.5, 0], [1, 3, 0]], "f4")  # evidence −2, −1, .5, 2
DIFFERENCE = np.array(
    [[[[0.0]], [[0.0]]], [[[0.3]], [[-0.4]]], [[[0.3]], [[-0.4]]], [[[0.6]], [[-0.8]]]], "f4"
)
IMAGE = np.full((2, 1, 1), 204, "u1")
TOLD: dict[str, Any] = {
    "transfer": {
        "accuracy": 0.85,
        "epochs": 2,
        "ways": {
            "latent": {
                "strips": 12, "anyway": 2, "flips": 10, "flips_followed": 4, "ends": 8, "ends_followed": 8
            },
            "pixel": {
                "strips": 12, "anyway": 2, "flips": 10, "flips_followed": 1, "ends": 0, "ends_followed": 0
            },
        },
    }
}  # fmt: skip


def table(label: int, *, labeled: bool = True) -> Any:
    """One image, which the teacher takes for a cat, then for an owl."""
    logits = SimpleNamespace(to_numpy=lambda: LOGITS[0])
    predictions = SimpleNamespace(source=np.array([0]), logits=[logits])
    return SimpleNamespace(
        predictions=predictions, label=np.array([label]), labeled=labeled, class_names=NAMES, class_count=3
    )


def test_an_error_is_led_to_its_class_and_a_right_answer_to_the_runner_up() -> None:
    assert aim(table(1), 0, "") == Aim(0, 1, "its true class")
    assert aim(table(0), 0, "") == Aim(0, 2, "its runner-up")
    assert aim(table(1), 0, "2") == Aim(0, 2, "")
    assert aim(table(1), 0, "away") == Aim(0, None, "")
    assert aims(NAMES, 0) == (
        ("1", "towards dog"),
        ("2", "towards owl"),
        ("away", "away from cat"),
    )


@pytest.mark.parametrize("asked", ["0", "3", "-1", "99999", "x", "٣", "1e3"])
def test_a_link_to_no_other_class_leads_where_an_empty_one_does(asked: str) -> None:
    assert aim(table(1), 0, asked) == Aim(0, 1, "its true class")


def test_frames_say_answer_change_and_where_it_flips() -> None:
    chosen = Aim(0, 1, "its true class")
    shown = drawn(IMAGE, DIFFERENCE, LOGITS, NAMES, chosen)
    said = [words(frame) for frame in shown.frames]
    assert [each[:3] for each in said] == ["cat", "cat", "dog", "dog"]
    assert shown.change == ["0", ".50", ".50", "1.00"]
    assert ["· dog" in each for each in said] == [True, True, False, False]
    assert shown.flip == 2
    assert [frame.look for frame in shown.frames] == ["frame", "frame", "frame flip", "frame"]
    assert shown.end == pytest.approx(0.8)  # one scale: that of the largest
    heats = [each for frame in shown.frames for each in walk(frame) if isinstance(each, Heat)]
    levels = np.stack([np.frombuffer(heat.values, "<f4") / heat.end for heat in heats])
    np.testing.assert_allclose(levels[:, 1], [0, -0.5, -0.5, -1])
    pictures = [each.pixels for each in walk(shown.frames[1]) if isinstance(each, Picture)]
    assert list(pictures[0]) == [255, 102]  # 204 ± in the range
    told = sentence(shown, NAMES, chosen, 7, "latent")
    assert told == "#7 towards dog, its true class, in latents: the answer changes between ‖Δ‖ .50 and .50"


def test_evidence_that_falls_short_is_said() -> None:
    chosen = Aim(0, 1, "")
    np.testing.assert_allclose(evidence_of(LOGITS, chosen), [-2, -1, 0.5, 2])
    even = LOGITS.copy()
    even[:, 1] = 1 + np.linspace(-2, 2, 4)
    assert notes(even, chosen) == ["Each frame adds 1.33 logits of evidence: the target less the answer"]
    assert notes(LOGITS, chosen)[0].endswith("from frame 2 on the way adds no more")
    away = Aim(0, None, "")
    np.testing.assert_allclose(
        evidence_of(LOGITS, away), [-1, -1, 0.5, 2]
    )  # the best other class is owl at first


def test_whom_it_would_convince_is_told_with_its_interval() -> None:
    text, hint = transfer(TOLD, "latent")
    assert text == (
        "Another teacher agrees with 40 % [17, 69] of such flips, and with 100 % [68, 100] where the target "
        "leads by 2 (pixels 10 %)."
    )
    assert "right of 85 % of all test images" in hint
    assert "of 2 it said that anyway" in hint
    assert "and with none where" in transfer(TOLD, "pixel")[0]
    for told in (None, {"transfer": None}, {}):
        assert transfer(told, "latent")[0] == "Whether another teacher agrees was not measured."
