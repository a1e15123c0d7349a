"""A unit held at its usual response: what becomes of the logits and of the next layer, by hand."""

import jax
import numpy as np
import pytest

from deepvid import config
from deepvid.models import LayeredClassifier, build
from deepvid.network.ablation import (
    BATCH,
    FEWEST,
    MOST_WORK,
    AblationEffects,
    Behind,
    ablate,
    affordable,
    work_of,
)
from deepvid.network.layers import Layer, layers_of

NAMES = ("ant", "bee", "cat")
IMAGES = np.random.default_rng(0).integers(0, 256, (30, 6, 5, 1), dtype=np.uint8)
LABEL = np.arange(30) % 2  # no cat among them


def network(settings: config.Network) -> LayeredClassifier:
    made = build(settings, image_shape=(6, 5, 1), class_names=NAMES, key=jax.random.key(0))
    made.eval()
    return made


@pytest.fixture(scope="module")
def dense() -> LayeredClassifier:
    return network(config.Mlp(hidden=(7, 4)))


def named(classifier: LayeredClassifier, name: str) -> Layer:
    return next(layer for layer in layers_of(classifier, 6) if layer.name == name)


def responses(classifier: LayeredClassifier, name: str) -> np.ndarray:
    return np.asarray(classifier.activations(IMAGES / np.float32(255), name))


def by_hand(
    dense: LayeredClassifier, kept: np.ndarray, usual: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(unit, sample, logit), and of the next layer as it is and as it becomes, all of it in NumPy."""
    first = responses(dense, "hidden1")
    kernel, bias = (np.asarray(each) for each in (dense.blocks[1].dense.kernel, dense.blocks[1].dense.bias))

    def after(one: np.ndarray) -> np.ndarray:
        return np.maximum(one @ kernel + bias, 0)

    def logits(two: np.ndarray) -> np.ndarray:
        return two @ np.asarray(dense.dense.kernel) + np.asarray(dense.dense.bias)

    held = []
    for unit, value in zip(kept, usual, strict=True):
        changed = first.copy()
        changed[:, unit] = value
        held.append(after(changed))
    change = np.stack([logits(each) - logits(after(first)) for each in held])
    return change, after(first), np.stack(held)


def test_effects_are_those_of_the_same_network_in_numpy(dense: LayeredClassifier) -> None:
    kept, usual = np.array([1, 4]), np.array([0.3, 0.8])
    second = named(dense, "hidden2")
    found = ablate(
        dense, named(dense, "hidden1"), kept, usual, Behind(second, np.array([3, 0])), IMAGES, LABEL, 3
    )
    change, as_is, held = by_hand(dense, kept, usual)
    for one in range(2):
        rows = change[:, one == LABEL]
        np.testing.assert_allclose(found.change[:, one], rows.mean(axis=1), atol=1e-5)
        error = rows.std(axis=1, ddof=1) / np.sqrt(rows.shape[1]) if rows.shape[1] > 1 else np.nan
        np.testing.assert_allclose(found.error[:, one], np.broadcast_to(error, (2, 3)), atol=1e-4)
    assert np.isnan(found.change[:, 2]).all()  # of a class that is in no image
    assert np.isnan(found.error[:, 2]).all()
    moved = (held - as_is)[:, :, [3, 0]]
    size = np.sqrt((moved**2).mean(axis=1)) / np.maximum(as_is[:, [3, 0]].std(axis=0), 1e-9)
    np.testing.assert_allclose(np.abs(found.moved), size, rtol=1e-3, atol=1e-5)


def test_the_sign_of_an_input_is_what_more_of_it_does() -> None:
    """Behind a layer that always answers, the sign is the weight's."""
    dense = network(config.Mlp(hidden=(7, 4)))
    dense.blocks[1].dense.bias.set_value(np.full(4, 100, np.float32))  # relu lets all pass
    first, second = named(dense, "hidden1"), named(dense, "hidden2")
    usual = responses(dense, "hidden1").mean(axis=0)
    found = ablate(dense, first, np.arange(7), usual, Behind(second, np.arange(4)), IMAGES, LABEL, 3)
    weight = np.asarray(dense.blocks[1].dense.kernel)
    says = responses(dense, "hidden1").std(axis=0) > 1e-6
    assert says.any()
    np.testing.assert_array_equal(np.sign(found.moved[says]), np.sign(weight[says]))
    assert not found.moved[~says & (usual == 0)].any()  # what never answers moves nothing


def test_maps_are_silenced_at_every_place_and_batches_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    residual = network(config.ResNet(depth=8, width=2))
    stem, stage = named(residual, "stem"), named(residual, "stage1.block1")
    behind, usual = Behind(stage, np.arange(2)), np.array([0.2, 0.1])

    def found() -> AblationEffects:
        return ablate(residual, stem, np.arange(2), usual, behind, IMAGES, LABEL, 3)

    whole = found()
    output = responses(residual, "stem").copy()
    as_is = np.asarray(residual.logits_from(output, "stem"))
    output[..., 1] = 0.1
    change = np.asarray(residual.logits_from(output, "stem")) - as_is
    np.testing.assert_allclose(whole.change[1, 0], change[LABEL == 0].mean(axis=0), atol=1e-5)
    monkeypatch.setattr("deepvid.network.ablation.BATCH", 7)  # the last batch is filled up
    for once, again in zip(whole, found(), strict=True):
        np.testing.assert_allclose(once, again, atol=1e-5)
    assert len(IMAGES) < BATCH


def test_work_is_counted_behind_a_layer_and_bounds_the_images(dense: LayeredClassifier) -> None:
    # behind the first layer: 7 x 4 and 4, then 4 x 3 and 3; behind the second the last alone
    assert work_of(dense, "hidden1") == 7 * 4 + 4 + 4 * 3 + 3
    assert work_of(dense, "hidden2") == 4 * 3 + 3
    assert affordable(1, 1000) == 1000
    assert affordable(MOST_WORK / 100, 1000) == 100
    assert affordable(MOST_WORK / (FEWEST - 1), 1000) == 0  # too few to say anything
    assert affordable(MOST_WORK / 30, 20) == 20  # all of them


def test_a_unit_held_where_it_is_changes_nothing(dense: LayeredClassifier) -> None:
    same = np.repeat(IMAGES[:1], 30, axis=0)
    usual = np.asarray(dense.activations(same / np.float32(255), "hidden2"))[0]
    found = ablate(dense, named(dense, "hidden2"), np.arange(4), usual, None, same, LABEL, 3)
    assert np.nanmax(np.abs(found.change)) < 1e-5
    assert found.moved.shape == (4, 0)
