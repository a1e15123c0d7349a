"""Maps of filters and their shares, against their formulas."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from deepvid import config
from deepvid.attribution.activation_maps import layers_with_places
from deepvid.attribution.filters import filter_means, watch_filters
from deepvid.models import LayeredClassifier, build, load_vector, to_vector

WEIGHT = np.array([1.0, -2.0, 0.5], "f4")  # of the filters
HEAD = np.array([[3.0, 0.0], [0.0, 1.0], [1.0, 2.0]], "f4")  # (filter, class)
COLOR = np.array([0.25], "f4")


class Toy(NamedTuple):
    """A(j, i, k) = wₖ x(j, i), logits = mean of A over places, times V."""

    weight: jax.Array
    head: jax.Array

    @property
    def layers(self) -> tuple[str, ...]:
        return ("conv",)

    def activations(self, images: jax.Array, layer: str) -> jax.Array:
        return images * self.weight

    def logits_from(self, activations: jax.Array, layer: str) -> jax.Array:
        return activations.mean(axis=(1, 2)) @ self.head


TOY = Toy(jnp.asarray(WEIGHT), jnp.asarray(HEAD))
IMAGE = np.random.default_rng(0).uniform(size=(4, 4, 1)).astype("f4")


def test_a_patch_of_one_pixel_takes_what_the_pixel_gives() -> None:
    """Rₖ(v, u) = wₖ (x(v, u) − c) / Z."""
    means = jnp.zeros(3)
    found = watch_filters(TOY, "conv", IMAGE, 0, means, COLOR)  # type: ignore[arg-type]
    wanted = WEIGHT[:, None, None] * (IMAGE[..., 0] - 0.25) / 16
    np.testing.assert_allclose(found.occlusion, wanted, atol=1e-6)
    np.testing.assert_allclose(found.activation, WEIGHT * IMAGE.mean(), atol=1e-6)


def test_a_pixel_has_the_mean_of_the_patches_that_cover_it() -> None:
    image = np.random.default_rng(1).uniform(size=(28, 28, 1)).astype("f4")
    found = watch_filters(TOY, "conv", image, 0, jnp.zeros(3), COLOR).occlusion  # type: ignore[arg-type]
    drop = lambda y, x: (image[y : y + 4, x : x + 4] - 0.25).sum() / 784  # noqa: E731
    np.testing.assert_allclose(found[:, 0, 0], WEIGHT * drop(0, 0), atol=1e-6)
    np.testing.assert_allclose(found[:, 0, 2], WEIGHT * (drop(0, 0) + drop(0, 2)) / 2, atol=1e-6)
    four = (drop(2, 4) + drop(2, 6) + drop(4, 4) + drop(4, 6)) / 4
    np.testing.assert_allclose(found[:, 4, 6], WEIGHT * four, atol=1e-6)


def test_a_large_image_has_few_cells() -> None:
    image = np.ones((80, 64, 1), "f4")
    found = watch_filters(TOY, "conv", image, 0, jnp.zeros(3), COLOR).occlusion  # type: ignore[arg-type]
    assert found.shape == (3, 27, 21)  # every third pixel


def test_silencing_changes_the_logits_by_the_head_times_what_is_unusual() -> None:
    """Δₖ(c) = −Vₖ_c (aₖ − āₖ), and together they add up, for the toy is linear."""
    means = jnp.array([0.1, -0.4, 2.0])
    found = watch_filters(TOY, "conv", IMAGE, 1, means, COLOR)  # type: ignore[arg-type]
    change = -HEAD * (WEIGHT * IMAGE.mean() - np.asarray(means))[:, None]
    np.testing.assert_allclose(found.silenced - found.logits, change, atol=1e-5)
    assert found.classes.tolist() == [0, 1]
    order = np.argsort(change[:, 0] - change[:, 1])
    assert found.order.tolist() == order.tolist()
    np.testing.assert_allclose(found.together - found.logits, np.cumsum(change[order], axis=0), atol=1e-5)


def test_the_pair_is_predicted_and_true_or_runner_up() -> None:
    for label, pair in ((0, [0, 1]), (1, [0, 1])):
        found = watch_filters(TOY, "conv", IMAGE, label, jnp.zeros(3), COLOR)  # type: ignore[arg-type]
        assert found.classes.tolist() == pair


def test_the_last_layer_of_a_network_is_linear_to_its_head() -> None:
    network: LayeredClassifier = build(
        config.ResNet(depth=8, width=4),
        image_shape=(8, 8, 3),
        class_names=tuple("abc"),
        key=jax.random.key(0),
    )
    network = load_vector(network, to_vector(network) + 0.05)
    layers = list(layers_with_places(network, (8, 8, 3)))
    assert [tuple(layer) for layer in layers] == [
        ("stage3.block1", 16), ("stage2.block1", 8), ("stage1.block1", 4), ("stem", 4),
    ]  # fmt: skip
    images = np.random.default_rng(2).uniform(size=(60, 8, 8, 3)).astype("f4")
    means = filter_means(network, "stage3.block1", images)
    activations = np.asarray(network.activations(jnp.asarray(images), "stage3.block1"))
    np.testing.assert_allclose(means, activations.mean(axis=(0, 1, 2)), rtol=1e-5)
    found = watch_filters(network, "stage3.block1", images[0], 2, means, images.mean(axis=(0, 1, 2)))
    unusual = activations[0].mean(axis=(0, 1)) - np.asarray(means)
    wanted = -np.asarray(network.dense.kernel[...]) * unusual[:, None]
    scale = float(np.abs(found.logits).max())
    assert np.abs(wanted).max() > 1e-2 * scale
    np.testing.assert_allclose(found.silenced - found.logits, wanted, rtol=1e-2, atol=1e-5 * scale)
    np.testing.assert_allclose(found.logits, network.logits(jnp.asarray(images[:1]))[0], rtol=1e-4)
