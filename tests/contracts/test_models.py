"""Every network keeps the `Classifier` contract, for every image size an experiment may have."""

from functools import cache, partial
from typing import get_args

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from jaxtyping import PRNGKeyArray

from deepvid import config
from deepvid.errors import DataError, UserError
from deepvid.models import NETWORKS, Classifier, LayeredClassifier, build, load_vector, restore, to_vector
from deepvid.models.parameters import fresh

SETTINGS = {
    "resnet": config.ResNet(width=2),
    "resnet50": config.ResNet50(width=2),
    "resnet50-7x7": config.ResNet50(width=2, stem="7x7"),
    "mlp": config.Mlp(hidden=(6, 5)),
}
NAMES = [pytest.param(name, marks=[pytest.mark.long] * ("resnet" in name)) for name in SETTINGS]
KINDS = [pytest.param(kind, marks=[pytest.mark.long] * ("resnet" in kind)) for kind in NETWORKS]
SIZES = [
    *(((8, 8, 1), 2, name) for name in SETTINGS if "resnet50" not in name),  # other tests build those at 8x8
    *(pytest.param((9, 12, 3), 345, name, marks=pytest.mark.long) for name in SETTINGS),
]


def classifier(
    settings: config.Network, shape: tuple[int, int, int] = (8, 8, 1), classes: int = 3
) -> LayeredClassifier:
    return nnx.clone(built(settings, shape, classes))


@cache
def built(settings: config.Network, shape: tuple[int, int, int], classes: int) -> LayeredClassifier:
    names = tuple(f"class {i}" for i in range(classes))
    network = build(settings, image_shape=shape, class_names=names, dropout=0.5, key=jax.random.key(1))
    network.eval()
    return network


def pictures(shape: tuple[int, int, int], count: int = 2) -> jax.Array:
    return jax.random.uniform(jax.random.key(0), (count, *shape))


def test_the_catalogue_has_the_names_an_experiment_may_use() -> None:
    kinds = [network.model_fields["kind"].default for network in get_args(get_args(config.Network)[0])]
    assert list(NETWORKS) == kinds
    assert {name.partition("-")[0] for name in SETTINGS} == set(NETWORKS)


@pytest.mark.parametrize(("shape", "classes", "name"), SIZES)
def test_any_image_size_and_number_of_classes(shape: tuple[int, int, int], classes: int, name: str) -> None:
    network = classifier(SETTINGS[name], shape, classes)
    images = pictures(shape)
    assert isinstance(network, Classifier)
    assert len(network.class_names) == classes
    assert network.image_shape == shape
    logits = jax.jit(lambda network, images: network.logits(images))(network, images)
    assert logits.shape == (2, classes)
    assert jnp.isfinite(logits).all()
    assert len({tuple(row) for row in np.asarray(logits)}) == 2  # it looks at the image


@pytest.mark.parametrize("name", KINDS)
def test_the_head_of_the_features_gives_the_logits(name: str) -> None:
    network = classifier(SETTINGS[name])
    images = pictures((8, 8, 1))
    features = network.features(images)
    assert features.ndim == 2
    np.testing.assert_array_equal(network.head(features), network.logits(images))
    np.testing.assert_array_equal(network.activations(images, network.layers[-1]), features)


@pytest.mark.parametrize("name", NAMES)
def test_activations_of_every_layer_and_no_other(name: str) -> None:
    network = classifier(SETTINGS[name])
    images = pictures((8, 8, 1), 3)
    for layer in network.layers:
        outputs = jax.eval_shape(partial(network.activations, layer=layer), images)
        assert len(outputs.shape) in (2, 4)
        assert outputs.shape[0] == 3
    for ask in (network.activations, network.logits_from):
        with pytest.raises(UserError, match=f"A layer is one of {network.layers[0]}.*'nowhere'"):
            ask(images, "nowhere")


@pytest.mark.parametrize("name", KINDS)
def test_the_logits_follow_from_every_layer(name: str) -> None:
    network = classifier(SETTINGS[name])
    load_vector(network, to_vector(network) + 0.01)  # blocks start as the identity; move them off it
    images = pictures((8, 8, 1))
    for layer in network.layers:
        logits = network.logits_from(network.activations(images, layer), layer)
        np.testing.assert_array_equal(logits, network.logits(images))


@pytest.mark.long
@pytest.mark.parametrize("name", KINDS)
def test_gradients_with_respect_to_the_image(name: str) -> None:
    network = classifier(SETTINGS[name])
    load_vector(network, to_vector(network) + 0.01)  # blocks start as the identity; move them off it
    gradient = jax.jit(jax.grad(lambda image: network.logits(image[None])[0, 0]))(pictures((8, 8, 1))[0])
    assert gradient.shape == (8, 8, 1)
    assert jnp.abs(gradient).max() > 0


def test_parameters_drawn_together_are_those_drawn_one_by_one() -> None:
    def make(key: PRNGKeyArray) -> nnx.Linear:
        return nnx.Linear(3, 4, kernel_init=nnx.initializers.he_normal(), rngs=nnx.Rngs(params=key))

    key = jax.random.key(7)
    np.testing.assert_allclose(fresh(make, key).kernel[...], make(key).kernel[...], rtol=1e-6)
    assert (fresh(make, key).kernel[...] != fresh(make, jax.random.key(8)).kernel[...]).all()


@pytest.mark.parametrize("name", KINDS)
def test_a_network_is_restored_from_its_vector(name: str) -> None:
    network = classifier(SETTINGS[name])
    rng = np.random.default_rng(0)
    vector = np.abs(rng.normal(size=to_vector(network).shape)).astype(np.float32)  # variances are positive
    names = network.class_names
    again = restore(SETTINGS[name], image_shape=(8, 8, 1), class_names=names, vector=vector)
    np.testing.assert_array_equal(to_vector(again), vector)
    load_vector(network, vector)
    images = pictures((8, 8, 1))
    np.testing.assert_array_equal(again.logits(images), network.logits(images))


def test_a_vector_of_another_network_is_refused() -> None:
    network = classifier(SETTINGS["mlp"])
    with pytest.raises(DataError, match=r"has \d+ parameters\. Found: an array of shape \(3,\)"):
        load_vector(network, np.zeros(3))


def test_parameters_are_counted_as_by_hand() -> None:
    # 8x8 pixels -> 6 -> 5 -> 3 classes, weights and biases
    assert to_vector(classifier(SETTINGS["mlp"])).size == 64 * 6 + 6 + 6 * 5 + 5 + 5 * 3 + 3


@pytest.mark.long
def test_depth_adds_blocks_and_resolution_halves_twice() -> None:
    network = classifier(config.ResNet(depth=14, width=2), (12, 12, 3))
    assert network.layers == (
        "stem",
        *(f"stage{stage}.block{block}" for stage in (1, 2, 3) for block in (1, 2)),
        "pool",
    )
    outputs = [
        jax.eval_shape(partial(network.activations, layer=f"stage{stage}.block2"), pictures((12, 12, 3), 1))
        for stage in (1, 2, 3)
    ]
    assert [output.shape for output in outputs] == [(1, 12, 12, 2), (1, 6, 6, 4), (1, 3, 3, 8)]


@pytest.mark.long
def test_the_7x7_stem_quarters_the_resolution() -> None:
    network = classifier(SETTINGS["resnet50-7x7"], (32, 32, 3))
    assert network.activations(pictures((32, 32, 3), 1), "stem").shape == (1, 8, 8, 2)
    assert len(network.layers) == 1 + 3 + 4 + 6 + 3 + 1


def test_dropout_needs_a_key_and_stops_in_evaluation() -> None:
    network = build(
        config.Mlp(hidden=(64,)),
        image_shape=(8, 8, 1),
        class_names=("a", "b"),
        dropout=0.5,
        key=jax.random.key(0),
    )
    features = jnp.ones((1, 64))
    first, second = (
        network.head(features, keys=jax.random.split(jax.random.key(seed), 1)) for seed in (1, 2)
    )
    assert (first != second).any()
    network.eval()
    again = network.head(features, keys=jax.random.split(jax.random.key(1), 1))
    np.testing.assert_array_equal(again, network.head(features))
