"""Groups of units: parts that are known come back, and what becomes of the logits is that of the network."""

import jax
import numpy as np
import pytest
from scipy.optimize import nnls
from sklearn.decomposition import PCA

from deepvid import config
from deepvid.models import LayeredClassifier, build
from deepvid.network.grouping import (
    SIDE,
    answered,
    effects,
    group_fidelity,
    is_linear,
    places,
    pooled,
    windows,
    with_maps,
)
from deepvid.network.groups import answers, fit, stability
from deepvid.network.layers import Layer, layers_of

NAMES = ("ant", "bee", "cat")
IMAGES = np.random.default_rng(0).integers(0, 256, (30, 18, 15, 1), dtype=np.uint8)
LAST = "stage3.block1"


@pytest.fixture(scope="module")
def residual() -> LayeredClassifier:
    made = build(
        config.ResNet(depth=8, width=2), image_shape=(18, 15, 1), class_names=NAMES, key=jax.random.key(0)
    )
    made.eval()
    return made


def named(classifier: LayeredClassifier, name: str) -> Layer:
    return next(layer for layer in layers_of(classifier, 6) if layer.name == name)


def outputs(classifier: LayeredClassifier, name: str) -> np.ndarray:
    return np.asarray(classifier.activations(IMAGES / np.float32(255), name))


def sums_of_parts(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Three parts of seven units, two of them in no other part, and 200 places that are made of them."""
    parts = np.array([[4, 1, 0, 0, 0, 0, 1], [0, 0, 2, 2, 0, 0, 1], [0, 0, 0, 0, 3, 1, 1]]) / [[6], [5], [5]]
    amount = np.random.default_rng(seed).exponential(1, (200, 3)) * [3, 1, 0.3]
    return parts, amount @ parts


def test_parts_that_places_are_made_of_come_back_largest_first() -> None:
    parts, made = sums_of_parts(0)
    found = fit(made, 3, seed=0)
    np.testing.assert_allclose(found, parts, atol=0.05)
    again = fit(sums_of_parts(1)[1], 3, seed=0, start=found)
    np.testing.assert_allclose(again, parts, atol=0.05)


def test_groups_that_nothing_is_left_for_are_zero() -> None:
    assert not fit(np.zeros((9, 4)), 2, seed=0).any()
    one = fit(np.ones((9, 1)), 3, seed=0)
    np.testing.assert_allclose(one, [[1], [0], [0]], rtol=1e-6)
    dead = np.asarray(answers(np.ones((5, 1), np.float32), one.astype(np.float32)))
    np.testing.assert_allclose(dead, [[1, 0, 0]] * 5, rtol=1e-6)


def test_answers_are_those_of_non_negative_least_squares() -> None:
    rng = np.random.default_rng(2)
    units = rng.exponential(1, (4, 9)).astype(np.float32)
    values = rng.normal(0.5, 1, (6, 5, 9)).astype(np.float32)
    expected = [nnls(units.T.astype(float), one.astype(float))[0] for one in values.reshape(-1, 9)]
    found = np.asarray(answers(values, units)).reshape(-1, 4)
    np.testing.assert_allclose(found, expected, atol=4e-3)
    assert (found == 0).any()


def test_what_two_halves_share_is_stable_beside_chance() -> None:
    parts, _ = sums_of_parts(0)
    halves = parts[[2, 0, 1]], parts[[1, 2, 0]]
    found = stability(parts, halves, seed=0)
    np.testing.assert_allclose(found.cosine, 1)
    assert 0.2 < found.chance < 0.9
    other = stability(parts, (parts, parts[:, ::-1]), seed=0)
    assert other.cosine.min() < 0.5
    assert stability(np.zeros((2, 3)), (np.zeros((2, 3)), np.zeros((2, 3))), seed=0).chance == 0


def test_maps_are_pooled_to_means_of_windows_and_what_is_negative_is_left_out() -> None:
    maps = np.random.default_rng(1).normal(size=(2, 18, 5, 3)).astype(np.float32)
    found = np.asarray(pooled(maps)).reshape(2, 6, 5, 3)
    assert windows(Layer("one", (18, 5, 3), 1)) == (3, 1)
    positive = np.maximum(maps, 0)
    np.testing.assert_allclose(found[:, 2, 4], positive[:, 6:9, 4].mean(axis=1), rtol=1e-5)
    uneven = np.asarray(pooled(np.ones((1, 15, 15, 1), np.float32)))  # windows of 3, and of 15 = 5 x 3
    np.testing.assert_allclose(uneven, 1, rtol=1e-6)
    cut = np.asarray(pooled(np.arange(8, dtype=np.float32).reshape(1, 8, 1, 1)))[0, :, 0]
    np.testing.assert_allclose(cut, [0.5, 2.5, 4.5, 6.5])
    assert len(cut) <= SIDE


def test_some_places_of_every_image_are_drawn(residual: LayeredClassifier) -> None:
    layer = named(residual, LAST)
    all_of_them = np.asarray(pooled(outputs(residual, LAST)))
    found = places(residual, layer, IMAGES, 60, seed=0)
    assert found.shape == (60, layer.shape[-1])
    for image in range(30):
        for place in found[2 * image : 2 * image + 2]:
            assert np.abs(all_of_them[image] - place).max(axis=1).min() < 1e-4
    assert [layer.name for layer in with_maps(layers_of(residual, 6))][-1] == LAST
    assert "pool" not in [layer.name for layer in with_maps(layers_of(residual, 6))]


def test_answers_of_images_have_mean_maximum_and_its_place(residual: LayeredClassifier) -> None:
    units = {name: fit(pooled_of(residual, name), 3, seed=0) for name in ("stem", LAST)}
    for name, found in answered(residual, units, IMAGES).items():
        said = np.asarray(answers(pooled(outputs(residual, name)), units[name]))
        np.testing.assert_allclose(found.mean, said.mean(axis=1), atol=1e-4)
        np.testing.assert_allclose(found.max, said.max(axis=1), atol=1e-4)
        at_peak = np.take_along_axis(said, found.peak[:, None], axis=1)[:, 0]
        np.testing.assert_allclose(at_peak, found.max, atol=1e-4)


def pooled_of(classifier: LayeredClassifier, name: str) -> np.ndarray:
    maps = np.asarray(pooled(outputs(classifier, name)))
    return maps.reshape(-1, maps.shape[-1])


def test_without_a_group_the_network_says_what_it_says_of_the_rest(residual: LayeredClassifier) -> None:
    for name in ("stem", LAST):
        flat = pooled_of(residual, name)
        units, layer = fit(flat, 2, seed=0), named(residual, name)
        found = group_fidelity(residual, layer, units, PCA(2).fit(flat), IMAGES)
        output, logits = outputs(residual, name), np.asarray(residual.logits(IMAGES / np.float32(255)))
        said = np.asarray(answers(output, units))
        for group in range(2):
            rest = output - said[..., group, None] * units[group]
            expected = np.asarray(residual.logits_from(rest, name)) - logits
            np.testing.assert_allclose(found.change[group], expected, atol=2e-4)
        made = np.asarray(residual.logits_from(said @ units, name)).argmax(axis=1)
        assert (found.groups == (made == logits.argmax(axis=1))).mean() > 0.95  # but for ties
        error = np.linalg.norm(output - said @ units) / np.linalg.norm(output)
        assert found.error == pytest.approx(error, rel=1e-3)
        assert (found.said == logits.argmax(axis=1)).all()


def test_e4_effects_of_the_last_stage_add_up_to_the_logit(residual: LayeredClassifier) -> None:
    flat, layer = pooled_of(residual, LAST), named(residual, LAST)
    units = fit(flat, 3, seed=0)
    assert is_linear(residual, layer)
    assert not is_linear(residual, named(residual, "stem"))
    assert not is_linear(residual, named(residual, "pool"))
    found = group_fidelity(residual, layer, units, PCA(2).fit(flat), IMAGES)
    assert found.closed < 1e-4
    output, logits = outputs(residual, LAST), np.asarray(residual.logits(IMAGES / np.float32(255)))
    said = np.asarray(answers(output, units))
    rest = (output - said @ units).mean(axis=(1, 2)) @ np.asarray(residual.dense.kernel[...])
    adds = said.mean(axis=(1, 2)) @ effects(residual, units)
    total = adds + rest + np.asarray(residual.dense.bias[...])
    np.testing.assert_allclose(total, logits, atol=1e-4)
    assert np.abs(adds).max() > 0.01
    for group, change in enumerate(found.change):  # taking one away takes what it adds
        one = -said.mean(axis=(1, 2))[:, group, None] * effects(residual, units)[group]
        np.testing.assert_allclose(change, one, atol=1e-4)
