"""Kinds of mistakes on planted ones, whose rules and words are known."""

import numpy as np
import pytest

from deepvid.causes import Evidence
from deepvid.columns import Column
from deepvid.modes import find_modes, in_words, represent
from deepvid.modes.representation import ATTRIBUTES, attributes

SIDE, EACH, PLACES = 8, 30, 9
NAMES = ("low", "high", "wide")
GRID = (3, 3)


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    """600 gray images of three classes, of which 90 are wrong: 30 bright ones of class 0 are taken for 1, 30
    of class 1 for 2 by their first place, and 30 of no kind.
    """
    rng = np.random.default_rng(0)
    count = 600
    images = rng.integers(90, 110, (count, SIDE, SIDE, 1), dtype=np.uint8)
    labels, answers = np.arange(count) % 3, np.arange(count) % 3
    errors = np.concatenate([rng.permutation(np.flatnonzero(labels == one))[:EACH] for one in range(3)])
    bright, placed, others = errors.reshape(3, EACH)
    images[bright] += 120
    answers[bright], answers[placed] = 1, 2
    answers[others] = rng.integers(0, 2, EACH)
    errors = np.sort(errors)
    lost = rng.normal(0, 0.3, (len(errors), PLACES))
    lost[np.isin(errors, placed), 0] = 5
    return Evidence(
        images=images,
        labels=labels,
        training=np.zeros(count, bool),
        logits=4.0 * np.eye(3)[answers],
        features=rng.normal(0, 1, (count, 4)),
        errors=errors,
        lost=lost,
    )


def test_planted_kinds_are_found_and_said_and_their_rules_hold_elsewhere(evidence: Evidence) -> None:
    found = find_modes(evidence, np.arange(600), count=4, seed=0)
    unknown = np.full(len(evidence.errors), -1)
    told = in_words(found.modes, evidence, unknown, NAMES, GRID)
    (bright,) = [place for place, one in enumerate(told) if one.name == "low taken for high"]
    assert "brighter" in told[bright].sentence
    assert "among the 4 % that are brighter" in told[bright].rule
    assert found.modes[bright].is_confirmed
    assert found.modes[bright].rate.low > 0.5 > found.modes[bright].usual
    (placed,) = [place for place, one in enumerate(told) if one.name == "high taken for wide"]
    where = "the place that decides is the upper left in 100 %"
    assert where in told[placed].sentence
    assert sum(where in one.sentence for one in told) == 1
    assert set(evidence.labels[evidence.errors[found.of_error == placed]]) == {1}


def test_a_further_column_tells_a_kind_and_is_its_rule(evidence: Evidence) -> None:
    """The errors of no kind are of one camera, of which a third of all images is."""
    rng = np.random.default_rng(1)
    odd = evidence.errors[(evidence.labels[evidence.errors] == 2)]
    camera = np.where(rng.random(600) < 0.1, 1, 0).astype(np.int32)
    camera[odd] = 1
    columns = (
        Column("camera", "category", camera, ("phone", "scanner"), "Camera used"),
        Column("age", "number", np.where(camera, rng.normal(60, 5, 600), np.nan)),
        Column("note", "text", np.array(["odd"] * 600, object)),
    )
    found = find_modes(evidence, np.arange(600), count=3, seed=0, columns=columns)
    told = in_words(found.modes, evidence, np.full(len(evidence.errors), -1), NAMES, GRID, columns)
    (of_camera,) = [
        place for place, one in enumerate(told) if "Camera used is scanner in 100 %" in one.sentence
    ]
    assert "of Camera used scanner" in told[of_camera].rule
    assert found.modes[of_camera].is_confirmed
    assert set(evidence.labels[evidence.errors[found.of_error == of_camera]]) == {2}


def test_every_error_is_of_the_mode_that_lists_it(evidence: Evidence) -> None:
    found = find_modes(evidence, np.arange(600), count=4, seed=0)
    for number, mode in enumerate(found.modes):
        assert sorted(mode.errors) == np.flatnonzero(found.of_error == number).tolist()
    again = find_modes(evidence, np.arange(600), count=4, seed=0)
    np.testing.assert_array_equal(again.of_error, found.of_error)


def test_a_rule_says_nothing_where_errors_are_drawn_at_random() -> None:
    """Of classes that are confused alike, no rule of an attribute is confirmed but by its class."""
    rng = np.random.default_rng(3)
    labels, wrong = np.arange(600) % 3, rng.random(600) < 0.2
    answers = np.where(wrong, (labels + 1) % 3, labels)
    plain = Evidence(
        images=rng.integers(0, 255, (600, SIDE, SIDE, 1), dtype=np.uint8),
        labels=labels,
        training=np.zeros(600, bool),
        logits=np.eye(3)[answers],
        features=rng.normal(0, 1, (600, 4)),
        errors=np.flatnonzero(wrong),
        lost=np.full((int(wrong.sum()), PLACES), np.nan),
    )
    found = find_modes(plain, np.arange(600), count=6, seed=0)
    assert found.modes
    assert not any(mode.is_confirmed for mode in found.modes)
    told, *_ = in_words(found.modes, plain, np.full(len(plain.errors), -1), NAMES, GRID)
    assert "place that decides" not in told.sentence  # nobody was asked


@pytest.mark.parametrize("count", [0, 1, 5, 20])
def test_few_errors_have_few_kinds(evidence: Evidence, count: int) -> None:
    few = Evidence(
        **{
            **{
                name: getattr(evidence, name)
                for name in ("images", "labels", "training", "logits", "features")
            },
            "errors": evidence.errors[:count],
            "lost": evidence.lost[:count],
        }
    )
    found = find_modes(few, np.arange(600), count=12, seed=0)
    assert len(found.of_error) == count
    assert len(found.modes) <= max(1, count // 8)
    assert np.isfinite(represent(few)).all()


def test_attributes_tell_where_the_light_is() -> None:
    image = np.zeros((2, SIDE, SIDE, 3), np.uint8)
    image[0, 6, 1], image[1] = 255, 10
    values = dict(zip(ATTRIBUTES, attributes(image).T, strict=True))
    assert values["height"][0] == pytest.approx(6 / SIDE, abs=0.01)
    assert values["side"][0] == pytest.approx(1 / SIDE, abs=0.01)
    assert values["spread"][1] > values["spread"][0]
