"""Causes of errors, on evidence that a hand can follow."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from micro_runs import MicroRuns
from pages import example

from deepvid.causes import CAUSES, CauseFacts, Evidence, diagnose
from deepvid.modes import find_modes, in_words
from deepvid.pipeline.trained import TrainedRun

SIDE, TRAINING, ERRORS = 8, 60, 6


def evidence(lost: np.ndarray, logits: np.ndarray | None = None) -> Evidence:
    """Gray noise of three classes; training images are answered rightly, by 4 logits. Errors are labeled 0
    and taken for 1.
    """
    rng = np.random.default_rng(0)
    count = TRAINING + len(lost)
    labels = np.r_[np.arange(TRAINING) % 3, np.zeros(len(lost), int)]
    answers = np.r_[labels[:TRAINING], np.ones(len(lost), int)]
    found = 4.0 * np.eye(3)[answers]
    if logits is not None:
        found[TRAINING:] = logits
    return Evidence(
        images=rng.integers(100, 140, (count, SIDE, SIDE, 1), dtype=np.uint8),
        labels=labels,
        training=np.arange(count) < TRAINING,
        logits=found,
        features=rng.normal(0, 1, (count, 4)) + 8 * np.eye(4)[answers],
        errors=np.arange(TRAINING, count),
        lost=lost,
    )


def label_doubt(of: Evidence) -> np.ndarray:
    return CAUSES["label_doubt"].weigh(of).score


def one_place(of: Evidence) -> np.ndarray:
    return CAUSES["one_place"].weigh(of).score


def spread(seed: int = 0) -> np.ndarray:
    """Logits that errors lose with 16 places, of which none is special."""
    return np.random.default_rng(seed).normal(0, 0.5, (ERRORS, 16))


def test_a_label_is_doubted_where_no_place_matters_and_the_teacher_is_sure() -> None:
    lost = spread()
    lost[0] = 0.01
    doubt = label_doubt(evidence(lost))
    assert doubt.argmax() == 0
    assert doubt[0] > 3 * doubt[1:].max()
    unsure = np.tile([0.0, 4.0, 0.0], (ERRORS, 1))
    unsure[0] = [0.0, 0.1, 0.0]
    assert label_doubt(evidence(lost, unsure))[0] < doubt[0] / 3


def test_a_label_is_doubted_more_where_the_teacher_has_learned_that_the_classes_are_called_alike() -> None:
    """A teacher that answers 1 and gives 0 a tenth, as of a tenth of labels that are wrong."""
    plain = evidence(spread(), np.tile([0.0, 0.5, 0.0], (ERRORS, 1)))
    learned = plain.logits.copy()
    ones = plain.training & (plain.labels == 1)
    learned[ones] = np.log([0.1, 0.88, 0.02])
    ratio = label_doubt(replace(plain, logits=learned)) / label_doubt(plain)
    np.testing.assert_allclose(ratio, np.sqrt((0.1 / 0.12) / 0.5), rtol=1e-6)  # half of it is the median's


def test_a_label_is_doubted_where_it_stays_far_behind_whatever_place_is_taken_away() -> None:
    """Even one that the teacher was never taught to give such images."""
    far = np.tile([-8.0, 4.0, 3.0], (ERRORS, 1))
    lost = np.zeros((ERRORS, 16))
    lost[:, 3] = [5, 9, 9, 9, 9, 9]
    np.testing.assert_array_equal(label_doubt(evidence(lost, far)) > 1, [True] + [False] * 5)


def test_one_place_decides_where_it_is_the_same_in_other_errors_of_the_class() -> None:
    lost = spread()
    lost[:4, 5] = 8
    score = one_place(evidence(lost))
    assert (score[:4] > 1).all()
    assert (score[4:] < 1).all()
    alone = spread()
    alone[0, 5] = 8
    assert one_place(evidence(alone))[0] < 1


def test_one_or_two_errors_of_a_class_do_not_tell_a_place() -> None:
    lost = spread()[:2]
    np.testing.assert_array_equal(one_place(evidence(lost[:1])), [0])
    lost[:, 5] = 8
    assert (one_place(evidence(lost)) < 1).all()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda image: image // 4,
        lambda image: np.full_like(image, image.mean()),
        lambda image: np.where(np.random.default_rng(1).random(image.shape) < 0.5, 0, 255),
        lambda image: 255 - image // 8,
    ],
    ids=["dark", "of one color", "noisy", "bright"],
)
def test_a_picture_unlike_the_training_images_is_told(spoil: object) -> None:
    usual = evidence(spread())
    images = usual.images.copy()
    images[TRAINING] = spoil(images[TRAINING])  # type: ignore[operator]
    score = CAUSES["picture_quality"].weigh(replace(usual, images=images)).score
    assert score[0] > CAUSES["picture_quality"].threshold > score[1:].max()


def test_how_often_such_pictures_are_wrong_stands_beside_others() -> None:
    """Six of the errors are dark, and four of fourteen test images that are right."""
    usual = evidence(spread())
    images, training = usual.images.copy(), usual.training.copy()
    dark = [*usual.errors[:6], *range(4)]
    images[dark] //= 4
    training[:14] = False
    facts = CAUSES["picture_quality"].weigh(replace(usual, images=images, training=training)).facts
    np.testing.assert_allclose(facts[:6, 2:], np.tile([0.6, (ERRORS - 6) / (ERRORS + 4)], (6, 1)))
    drawn = np.r_[usual.errors[:6], 4:14]  # none that is dark and right
    facts = (
        CAUSES["picture_quality"].weigh(replace(usual, images=images, training=training, drawn=drawn)).facts
    )
    np.testing.assert_allclose(facts[:6, 2:], np.tile([1.0, 0.0], (6, 1)))


def test_a_teacher_that_was_trained_elsewhere_has_causes_too() -> None:
    usual = evidence(spread())
    found = diagnose(replace(usual, training=np.zeros_like(usual.training)))
    assert np.isfinite(found.strength[:, :5]).all()


def test_a_few_training_images_do_not_tell_what_is_unlike_them() -> None:
    """Nor which images lie around, where there is one."""
    usual = evidence(spread())
    place = list(CAUSES).index("unlike_training")
    assert np.isfinite(diagnose(usual).strength[:, place]).all()
    for count in (1, 12):
        few = replace(usual, training=np.arange(len(usual.labels)) < count)
        found = diagnose(few).strength
        assert np.isnan(found[:, place]).all()
        assert np.isfinite(np.delete(found, [place, len(CAUSES) - 1], axis=1)).all()


@pytest.mark.parametrize(
    ("training", "errors", "classes"),
    [(300, 60, 2), (800, 400, 345), (300, 1, 10), (30, 50, 10), (0, 60, 10)],
)
@pytest.mark.parametrize("alike", [False, True])
def test_unusual_sets_have_causes_and_kinds(training: int, errors: int, classes: int, *, alike: bool) -> None:
    """Two classes, hundreds, one error, few or no training images, none of them right, one picture."""
    rng, count = np.random.default_rng(0), training + errors
    images = rng.integers(0, 1 if alike else 255, (count, SIDE, SIDE, 1), dtype=np.uint8)
    labels = rng.integers(0, classes, count)
    logits = rng.normal(0, 1, (count, classes)) + 6 * np.eye(classes)[(labels + 1) % classes]
    lost = rng.normal(0, 1, (errors, 16))
    lost[errors // 2 :] = np.nan  # of these nobody asked
    features = rng.normal(0, 0 if alike else 1, (count, 4))
    among = np.arange(count)
    of = Evidence(images, labels, among < training, logits, features, among[training:], lost)
    found = diagnose(of)
    assert found.strength.shape == (errors, len(CAUSES))
    assert not np.isinf(found.strength).any()
    kinds = find_modes(of, among, count=12, seed=0)
    told = in_words(kinds.modes, of, found.first, [str(one) for one in range(classes)], (4, 4))
    assert len(told) == len(kinds.modes)
    assert np.isfinite(kinds.points).all()


@pytest.mark.parametrize(
    ("flips", "told"),
    [
        (np.nan, ""),
        (0.0, ""),
        (1.0, " Late in the training its answer changed once."),
        (3.0, " Late in the training its answer changed 3 times."),
    ],
)
def test_who_overlaps_tells_how_often_its_answer_changed_late(flips: float, told: str) -> None:
    facts = CauseFacts("Coat", "Shirt", ("Coat", "Shirt"), (7, 7), 1.0, (0.3, 0.6, 0.4, flips))
    before = CAUSES["overlap"].sentence(facts._replace(facts=facts.facts[:3]))  # as it was stored earlier
    assert CAUSES["overlap"].sentence(facts) == before + told
    assert before.endswith("60 % are Shirt, 30 % are Coat.")


def test_images_that_overlap_and_that_are_unlike_others_are_told() -> None:
    usual = evidence(spread(), np.tile([3.9, 4.0, 0.0], (ERRORS, 1)))
    features = usual.features.copy()
    features[usual.errors[0]] = features[usual.training & (usual.labels == 0)][0]
    images = usual.images.copy()
    images[usual.errors[1], :4] = 0
    found = diagnose(replace(usual, features=features, images=images)).strength
    overlap, unlike = (list(CAUSES).index(name) for name in ("overlap", "unlike_training"))
    assert found[:, overlap].argmax() == 0
    assert found[0, overlap] > 2 > found[1:, overlap].max()
    assert found[:, unlike].argmax() == 1
    assert found[1, unlike] > 1.4 > np.delete(found[:, unlike], 1).max()


def test_the_strongest_cause_is_named_first_and_none_below_its_threshold() -> None:
    lost = spread()
    lost[0] = 0.001  # doubted
    lost[1, 5] = -1
    lost[[2, 4, 5], 5] = 8  # one place
    lost[3, 5] = -1
    usual = evidence(lost)
    images = usual.images.copy()
    images[usual.errors[3]] //= 8
    found = diagnose(replace(usual, images=images))
    names = [None if one < 0 else list(CAUSES)[one] for one in found.first]
    assert names == ["label_doubt", None, "one_place", "picture_quality", *["one_place"] * 2]
    assert found.strength.shape == (ERRORS, len(CAUSES))


@pytest.mark.parametrize("classes", [2, 345])
def test_of_no_error_there_is_no_cause(classes: int) -> None:
    none = Evidence(
        images=np.zeros((4, SIDE, SIDE, 3), np.uint8),
        labels=np.arange(4) % classes,
        training=np.array([True, True, False, False]),
        logits=np.eye(classes)[np.arange(4) % classes],
        features=np.zeros((4, 2)),
        errors=np.array([], int),
        lost=np.empty((0, 49)),
    )
    assert diagnose(none).strength.shape == (0, len(CAUSES))


def test_nothing_is_nan_where_everything_is_alike() -> None:
    """Training images of one color, a class that no training image is rightly taken for, equal places."""
    flat = evidence(np.zeros((ERRORS, 16)))
    logits = flat.logits.copy()
    logits[flat.training & (flat.labels == 1)] = [4.0, 0.0, 0.0]
    alike = replace(flat, images=np.zeros_like(flat.images), logits=logits, features=np.zeros((66, 2)))
    assert np.isfinite(diagnose(alike).strength[:, :5]).all()


def test_the_example_of_the_documentation(micro_runs: MicroRuns) -> None:
    trained = TrainedRun.open(micro_runs.residual())
    dataset = trained.run.stages["dataset"].open()
    names: dict[str, Any] = {name: dataset[name].to_numpy() for name in ("image", "label", "test")}
    names.update(images=names.pop("image"), labels=names.pop("label"), teacher=trained.teacher)
    exec(example("causes.md", "causes"), names)
    assert len(names["first"]) == len(names["errors"]) > 0
    assert np.isfinite(names["lost"]).all()
