"""Influence on a last layer, beside layers that are really fitted without an image."""

import numpy as np
import pytest
from scipy.special import log_softmax, softmax
from sklearn.linear_model import LogisticRegression

from deepvid.errors import DataError
from deepvid.network.influence import L2, Head, influence, leave_one_out, predicted, refit, with_one, without

SAMPLES, CLASSES = 600, 3
RNG = np.random.default_rng(0)
LABEL = np.arange(SAMPLES) % CLASSES
CENTERS = np.array([[1.0, 0], [-1, 0], [0, 1]])
FEATURES = (CENTERS[LABEL] + RNG.normal(0, 0.8, (SAMPLES, 2))).astype(np.float32)
QUERIES = np.array([[0.2, 0.1], [0.5, 0.6], [-0.3, 0.4]], np.float32)


@pytest.fixture(scope="module")
def head() -> Head:
    return refit(FEATURES, LABEL, CLASSES)


def elsewhere(weights: np.ndarray) -> np.ndarray:
    """(class, input): the optimum of the same objective by scikit-learn, of weighted images."""
    model = LogisticRegression(C=1 / (SAMPLES * L2), fit_intercept=False, tol=1e-12, max_iter=10_000)
    return np.asarray(model.fit(with_one(FEATURES), LABEL, sample_weight=weights).coef_)


def said_without(sample: int | None) -> np.ndarray:
    """Log-probabilities (query, class) of a layer that is fitted without one image, or with all."""
    weights = np.ones(SAMPLES)
    if sample is not None:
        weights[sample] = 0
    return np.asarray(log_softmax(with_one(QUERIES) @ elsewhere(weights).T, axis=1))


def test_it_is_the_optimum_that_others_find(head: Head) -> None:
    np.testing.assert_allclose(head.weight, elsewhere(np.ones(SAMPLES)), atol=1e-4)
    assert head.gradient < 1e-8


def test_the_hessian_is_how_the_gradient_changes(head: Head) -> None:
    def gradient(weight: np.ndarray) -> np.ndarray:
        residuals = softmax(with_one(FEATURES) @ weight.T, axis=1) - np.eye(CLASSES)[LABEL]
        return np.asarray(residuals.T @ with_one(FEATURES) / SAMPLES + L2 * weight)

    step = 1e-5 * RNG.normal(size=head.weight.shape)
    changed = gradient(head.weight + step) - gradient(head.weight - step)
    np.testing.assert_allclose(head.inverse @ changed.ravel(), 2 * step.ravel(), rtol=1e-5, atol=1e-9)


def test_without_an_image_it_is_what_others_fit_without_it(head: Head) -> None:
    weights = np.ones(SAMPLES)
    weights[7] = 0
    np.testing.assert_allclose(without(head, 7), elsewhere(weights), atol=1e-4)


def test_influence_is_what_leaving_an_image_out_loses(head: Head) -> None:
    """To first order: within a tenth of the largest."""
    said = predicted(head, QUERIES)
    found = influence(head, QUERIES, said)
    now = said_without(None)[np.arange(3), said].mean()
    measured = [now - said_without(sample)[np.arange(3), said].mean() for sample in range(20)]
    np.testing.assert_allclose(found[:20], measured, atol=0.1 * np.abs(measured).max())
    assert leave_one_out(head, QUERIES, said, np.arange(40)) > 0.99


def test_images_of_the_class_push_towards_it_and_those_with_another_label_away() -> None:
    """Two copies of one query among the training images, one with another label."""
    features = np.vstack([FEATURES, QUERIES[:1], QUERIES[:1]])
    head = refit(features, np.append(LABEL, [0, 1]), CLASSES)
    *_, right, wrong = influence(head, QUERIES[:1], np.array([0]))
    assert right > 0 > wrong


def test_a_layer_of_too_many_numbers_is_refused() -> None:
    with pytest.raises(DataError, match=r"at most 3,000 numbers.*345 classes of 20 features"):
        refit(np.zeros((3, 20), np.float32), np.arange(3), 345)
