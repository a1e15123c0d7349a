"""Who speaks for an answer: each measure beside its own definition, image by image."""

import numpy as np
import pytest

from deepvid.network.influence import Head, influence, predicted, refit, residuals, restored, with_one
from deepvid.network.training_images import (
    Product,
    Snapshot,
    Term,
    alone,
    asked_alone,
    by_influence,
    by_representer,
    by_similarity,
    by_tracin,
    gradients,
    together,
)

SAMPLES, CLASSES = 300, 3
RNG = np.random.default_rng(0)
LABEL = np.arange(SAMPLES) % CLASSES
CENTERS = np.array([[1.0, 0], [-1, 0], [0, 1]])
FEATURES = (CENTERS[LABEL] + RNG.normal(0, 0.8, (SAMPLES, 2))).astype(np.float32)
QUERIES = np.array([[0.2, 0.1], [0.5, 0.6], [-0.3, 0.4]], np.float32)


@pytest.fixture(scope="module")
def head() -> Head:
    return refit(FEATURES, LABEL, CLASSES)


@pytest.fixture(scope="module")
def said(head: Head) -> np.ndarray:
    return predicted(head, QUERIES)


def weight(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(CLASSES, 3))


def snapshots(said: np.ndarray) -> list[Snapshot]:
    """Two layers during training, of rates .1 and .02."""
    return [
        Snapshot(
            rate,
            gradients(FEATURES, with_one(FEATURES) @ weight(seed).T, LABEL),
            gradients(QUERIES, with_one(QUERIES) @ weight(seed).T, said),
        )
        for seed, rate in ((1, 0.1), (2, 0.02))
    ]


def measures(head: Head, said: np.ndarray) -> dict[str, list[Term]]:
    return {
        "influence": by_influence(head, QUERIES, said),
        "tracin": by_tracin(snapshots(said)),
        "representer": by_representer(head, QUERIES, said),
        "similarity": by_similarity(FEATURES, LABEL, QUERIES, said, CLASSES),
    }


def test_influence_of_many_is_that_of_the_module(head: Head, said: np.ndarray) -> None:
    np.testing.assert_allclose(together(by_influence(head, QUERIES, said)), influence(head, QUERIES, said))


def test_a_head_that_was_stored_asks_as_before(head: Head, said: np.ndarray) -> None:
    stored = [np.asarray(array, np.float32) for array in (head.weight, head.inverse)]
    again = restored(stored[0], stored[1], FEATURES, LABEL)
    expected = influence(head, QUERIES, said)
    np.testing.assert_allclose(influence(again, QUERIES, said), expected, atol=1e-4 * np.abs(expected).max())
    assert again.gradient < 1e-6


def test_tracin_is_what_steps_on_an_image_take_from_the_loss(said: np.ndarray) -> None:
    """η ∇ℓ_i · ∇ℓ_q of each snapshot, by a step of η that is made small."""
    small, image = 1e-6, 7
    expected = 0.0
    for seed, rate in ((1, 0.1), (2, 0.02)):
        before = weight(seed)
        change = residuals(with_one(FEATURES) @ before.T, LABEL)[image]
        step = before - small * np.outer(change, with_one(FEATURES)[image])
        lost = [np.mean(-log_probability(layer)[np.arange(3), said]) for layer in (before, step)]
        expected += rate * (lost[0] - lost[1]) / small
    assert together(by_tracin(snapshots(said)))[image] == pytest.approx(expected, rel=1e-4)


def log_probability(layer: np.ndarray) -> np.ndarray:
    logits = with_one(QUERIES) @ layer.T
    return np.asarray(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)))


def test_representer_points_together_are_the_logit(head: Head, said: np.ndarray) -> None:
    logits = (with_one(QUERIES) @ head.weight.T)[np.arange(3), said]
    np.testing.assert_allclose(alone(by_representer(head, QUERIES, said), np.arange(3)).sum(axis=1), logits)


def test_similarity_has_the_sign_of_the_class(said: np.ndarray) -> None:
    found = alone(by_similarity(FEATURES, LABEL, QUERIES, said, CLASSES), np.array([1]))[0]
    cosine = FEATURES @ QUERIES[1] / np.linalg.norm(FEATURES, axis=1) / np.linalg.norm(QUERIES[1])
    np.testing.assert_allclose(found, np.where(said[1] == LABEL, 1, -1) * (1 + cosine) / 2, atol=1e-6)


@pytest.mark.parametrize("name", ["influence", "tracin", "representer", "similarity"])
def test_queries_together_are_the_mean_of_each_alone(head: Head, said: np.ndarray, name: str) -> None:
    terms = measures(head, said)[name]
    np.testing.assert_allclose(together(terms), alone(terms, np.arange(3)).mean(axis=0), atol=1e-6)
    (left, right) = terms[0].queries
    first = [term._replace(queries=Product(left[:1], right[:1])) for term in terms[:1]]
    np.testing.assert_allclose(together(first), alone(terms[:1], np.array([0]))[0], atol=1e-6)


def test_of_several_answers_a_class_counts_against_all_others_together() -> None:
    """Two queries alike, of classes 0 and 1: an image of class 0 is as far for one as against the other."""
    queries = np.repeat(QUERIES[:1], 2, axis=0)
    found = together(by_similarity(FEATURES, LABEL, queries, np.array([0, 1]), CLASSES))
    np.testing.assert_allclose(found[LABEL < 2], 0, atol=1e-12)
    assert (found[LABEL == 2] < 0).all()


def test_features_that_are_zero_are_half_as_similar() -> None:
    features = np.vstack([FEATURES, np.zeros((1, 2), np.float32)])
    terms = by_similarity(features, np.append(LABEL, 0), QUERIES[:1], np.array([0]), CLASSES)
    assert together(terms)[-1] == 0.5
    assert np.isfinite(together(terms)).all()


def test_queries_that_are_asked_alone_are_spread_over_all(head: Head) -> None:
    features = np.repeat(QUERIES, 100, axis=0)
    terms = by_influence(head, features, predicted(head, features))
    assert asked_alone(terms, 3).tolist() == [0, 149, 299]
    assert len(asked_alone(terms, 1000)) == 300
