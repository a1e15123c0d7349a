"""Sentences about one map: its verdict, how that is known, and how much it carries."""

import numpy as np
import pytest

from deepvid.map_smoothing import resolution, smoothed
from deepvid.map_words import (
    evidence_sentences,
    facts_of_maps,
    representatives,
    share_sentence,
    tried_sentence,
    trust_sentence,
)
from deepvid.trust import MapEvidence

METHODS = ("student", "occlusion", "gradient", "random")
CLASSES = ("Sneaker", "Sandal")


def said(lost: list[float], infill: list[float] | None = None) -> list[str]:
    evidence = MapEvidence(*np.array([lost, [0.5] * 4, infill or [np.nan] * 4, [0.5] * 4]))
    return [trust_sentence(facts) for facts in facts_of_maps(METHODS, evidence)]


def test_a_map_is_told_with_its_worth_its_judges_and_its_place() -> None:
    student, occlusion, gradient, random = said([5.0, 0.6, 0.2, 9.0])
    assert student == (
        "By the one judge asked this map holds here: +5.0 logits beyond chance, first of three on this image."
    )
    assert occlusion.startswith("By the one judge asked this map holds in part: +0.60 logits beyond chance")
    assert gradient == (
        "By the one judge asked this map does not hold here: +0.20 logits beyond chance, and luck alone "
        "reaches +0.50 logits; third of three on this image."
    )
    assert random.endswith("a control.")
    assert said([np.nan] * 4)[0].startswith("Not measured here")
    both = said([5.0, 4.0, 0.2, 0.0], [4.0, -1.0, 0.1, 0.0])
    assert both[0].startswith("This map holds here: +4.5 logits beyond chance by the mean of both judges")
    assert both[1].startswith("The judges disagree: +4.0 logits by flat colors, −1.0 logits by the autoenc")


def test_how_it_is_known_names_every_judge_that_was_asked() -> None:
    evidence = MapEvidence(*np.array([[5.0] * 4, [0.5] * 4, [np.nan, 2.0, 2.0, 2.0], [0.5] * 4]))
    one, two, *_ = (" ".join(evidence_sentences(facts)) for facts in facts_of_maps(METHODS, evidence))
    assert "flat colors" in one
    assert "autoencoder" not in one
    assert "the autoencoder filling in what is absent: +2.0 logits" in two


@pytest.mark.parametrize(
    ("method", "pixels", "base", "words"),
    [
        ("student", 0.73, 1.74, "70 % of the difference is what its neighbors share; these pixels add 30 %."),
        ("student", -0.87, 1.74, "Its pixels speak against Sneaker (−0.87 logits)"),
        ("student", 2.0, -0.5, "These pixels make all of the difference, +2.0 logits"),
        ("student", 0.5, -0.9, "It carries little: by the student this image is no Sneaker"),
        ("integrated_gradients", 3.0, None, "These pixels sum to 75 % of the difference; 25 % is there"),
        (
            "integrated_gradients",
            5.0,
            None,
            "These pixels sum to +5.0 logits, the difference is +4.0 logits.",
        ),
        ("gradient", 3.0, None, ""),
    ],
)
def test_how_much_a_map_carries(method: str, pixels: float, base: float | None, words: str) -> None:
    told = share_sentence(method, pixels, 4.0, CLASSES, base)
    assert told.startswith(words)
    assert bool(told) == bool(words)


def test_the_best_of_a_family_stands_for_it() -> None:
    names = ("student", "student_times_input", "neighborhood_gradient", "occlusion", "image")
    assert representatives(names, (1.0, 3.0, 2.0, 2.5, 9.0)) == [1, 3]
    assert representatives(names, (np.nan,) * 5) == [0, 3]


def test_what_was_tried_is_said_where_nothing_holds() -> None:
    assert tried_sentence(["label doubt .40", "overlap .10"], ["Copies: no features"], 5) == (
        "Causes looked for, of 1 needed: label doubt .40 and overlap .10; five maps judged, none beyond "
        "chance. Copies: no features."
    )


def test_smoothing_keeps_what_a_map_sums_to_inside_and_its_constants() -> None:
    spot = np.zeros((28, 28), np.float32)
    spot[14, 14] = 1
    wide = smoothed(spot, resolution("gradient", (28, 28, 1)))
    assert wide.sum() == pytest.approx(1, abs=1e-3)
    assert wide[14, 15] == pytest.approx(wide[14, 14] / 2, rel=0.01)  # 2 px wide at half its height
    assert smoothed(np.ones((28, 20)), 2) == pytest.approx(1)
    assert resolution("occlusion", (28, 28, 1)) == 0
    assert smoothed(spot, 0).tolist() == spot.tolist()
