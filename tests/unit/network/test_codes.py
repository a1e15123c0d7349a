"""Layers of real networks: what is read of them is what their own methods say."""

import jax
import numpy as np
import pytest
from sklearn.decomposition import PCA

from deepvid import config
from deepvid.models import LayeredClassifier, build
from deepvid.network.codes import basis, codes, responses
from deepvid.network.layers import layers_of, receptive_field

pytestmark = pytest.mark.long

NAMES = ("ant", "bee", "cat")
IMAGES = np.random.default_rng(0).integers(0, 256, (30, 12, 10, 1), dtype=np.uint8)


def network(settings: config.Network, shape: tuple[int, int, int] = (12, 10, 1)) -> LayeredClassifier:
    made = build(settings, image_shape=shape, class_names=NAMES, key=jax.random.key(0))
    made.eval()
    return made


@pytest.fixture(scope="module")
def residual() -> LayeredClassifier:
    return network(config.ResNet(depth=8, width=2))


@pytest.fixture(scope="module")
def dense() -> LayeredClassifier:
    return network(config.Mlp(hidden=(7, 4)))


def test_columns_go_from_pixels_to_logits(residual: LayeredClassifier) -> None:
    found = layers_of(residual, 6)
    assert [layer.name for layer in found] == ["pixels", *residual.layers, "logits"]
    assert [layer.shape for layer in found[:2]] == [(12, 10, 1), (12, 10, 2)]
    assert [layer.shape for layer in found[3:]] == [(6, 5, 4), (3, 3, 8), (8,), (3,)]
    # stem: a kernel of 3 x 3 x 1 x 2, and scale and shift of 2 units; the head: 8 x 3 and 3
    assert (found[1].parameters, found[-1].parameters) == (22, 27)
    assert [layer.name for layer in found if not layer.has_units] == ["pixels", "pool", "logits"]


def test_of_many_layers_some_are_taken_evenly_with_the_first_and_the_last() -> None:
    deep = network(config.ResNet(depth=20, width=1))
    names = [layer.name for layer in layers_of(deep, 4)]
    assert len(deep.layers) == 11
    assert names == ["pixels", *(deep.layers[place] for place in (0, 3, 7, 10)), "logits"]
    assert [layer.name for layer in layers_of(deep, 1)] == ["pixels", "pool", "logits"]


def test_codes_are_principal_components_of_what_a_layer_says(residual: LayeredClassifier) -> None:
    layers = layers_of(residual, 6)
    bases = {layer.name: basis(residual, layer, IMAGES[:20], 6, seed=0) for layer in layers}
    found = codes(residual, bases, IMAGES)
    raw = np.asarray(residual.activations(IMAGES / np.float32(255), "stage2.block1")).reshape(30, -1)
    model = PCA(6, svd_solver="full").fit(raw[:20])
    expected = model.transform(raw)
    np.testing.assert_allclose(abs(found["stage2.block1"]), abs(expected), atol=1e-4 * np.abs(expected).max())
    assert bases["stage2.block1"].explained == pytest.approx(model.explained_variance_ratio_.sum(), rel=1e-3)
    assert found["logits"].shape == (30, 6)  # three logits, and zeros
    assert not found["logits"][:, 3:].any()


def test_units_answer_by_mean_maximum_and_its_place(residual: LayeredClassifier) -> None:
    found = responses(residual, layers_of(residual, 6), IMAGES)
    assert list(found) == ["stem", "stage1.block1", "stage2.block1", "stage3.block1"]
    maps = np.asarray(residual.activations(IMAGES / np.float32(255), "stage2.block1"))
    answers = found["stage2.block1"]
    np.testing.assert_allclose(answers.mean, maps.mean(axis=(1, 2)), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(answers.max, maps.max(axis=(1, 2)), rtol=1e-4, atol=1e-6)
    y, x = np.divmod(answers.peak, 5)
    at_peak = maps[np.arange(30)[:, None], y, x, np.arange(4)]
    np.testing.assert_allclose(at_peak, answers.max, rtol=1e-4, atol=1e-6)


def test_a_network_without_maps_has_one_answer_a_unit(dense: LayeredClassifier) -> None:
    layers = layers_of(dense, 6)
    assert [layer.shape for layer in layers[1:]] == [(7,), (4,), (3,)]
    found = responses(dense, layers, IMAGES)["hidden1"]
    np.testing.assert_array_equal(found.mean, found.max)
    assert not found.peak.any()
    assert all(receptive_field(dense, layer, seed=0) is None for layer in layers[1:])


def test_receptive_fields_are_those_that_kernels_and_strides_give() -> None:
    """3, +2·2, +2·1 + 2·2, +2·2 + 2·4 pixels: 3, 7, 13, 25, at strides 1, 1, 2, 4."""
    net = network(config.ResNet(depth=8, width=2), (28, 32, 1))
    found = [receptive_field(net, layer, seed=0) for layer in layers_of(net, 6)]
    assert [field.y[:2] for field in found if field] == [(1, 1), (3, 1), (7, 1), (13, 2), (25, 4)]
    assert [field.x[:2] for field in found if field] == [(1, 1), (3, 1), (7, 1), (13, 2), (25, 4)]
    # XLA pads even sizes at stride 2 at their end alone: 0 and 1
    assert [field.x.offset for field in found if field] == [0, -1, -3, -5, -9]
    assert found[-2:] == [None, None]


def test_where_the_border_cuts_every_place_the_field_is_what_is_seen() -> None:
    net = network(config.ResNet(depth=8, width=2), (8, 8, 1))
    last = next(layer for layer in layers_of(net, 6) if layer.name == "stage3.block1")
    field = receptive_field(net, last, seed=0)
    assert field is not None
    assert field.y.size == 8
