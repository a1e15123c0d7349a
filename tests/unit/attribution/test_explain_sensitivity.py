"""Changes that should hardly move a map, and others that should."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from explanation_sensitivity import (
    MaxSensitivity,
    ParameterRandomization,
    layers_with_parameters,
    of_two_keys,
    randomized,
)
from linear import case, drawn

from deepvid import config
from deepvid.attribution import METHODS, Case
from deepvid.models import LayeredClassifier, build, load_vector, to_vector

SHAPE = (6, 6, 1)


def network() -> LayeredClassifier:
    built = build(
        config.Mlp(hidden=(16, 16)), image_shape=SHAPE, class_names=("a", "b"), key=jax.random.key(0)
    )
    built.eval()
    return built


def test_max_sensitivity_of_a_product_is_that_of_its_factor() -> None:
    """φ = w ⊙ x moves by w ⊙ δ, |δ| ≤ 0.1; a map that ignores the image does not move."""
    teacher, of = drawn((4, 5, 1))
    of = of._replace(image=0.2 + 0.6 * of.image)  # no pixel is clipped
    found = MaxSensitivity(radius=0.1)(METHODS["gradient"], teacher, of)  # type: ignore[arg-type]
    norm = jnp.linalg.norm
    assert 0.02 < found < norm(0.1 * teacher.weight) / norm((teacher.weight * of.image).ravel())
    assert MaxSensitivity()(lambda _, of: jnp.ones((4, 5, 1)), teacher, of) == 0  # type: ignore[arg-type]


def test_only_the_image_moves() -> None:
    """Noise with another key each time would make every random method look sensitive."""
    teacher, of = drawn((4, 5, 1))
    assert MaxSensitivity()(METHODS["random"], teacher, of) == 0  # type: ignore[arg-type]


def test_two_keys_tell_noise_from_what_is_computed() -> None:
    teacher, of = drawn((20, 20, 1))
    steady, noise = (of_two_keys(METHODS[name], teacher, of) for name in ("gradient", "random"))  # type: ignore[arg-type,index]
    assert steady.cosine == pytest.approx(1, abs=1e-5)
    assert steady.spearman == pytest.approx(1, abs=1e-5)
    assert abs(noise.cosine) < 0.2
    assert abs(noise.spearman) < 0.2


def test_layers_are_randomized_from_the_output_on() -> None:
    classifier = network()
    assert layers_with_parameters(classifier) == ("dense", "hidden2", "hidden1")
    spoilt = randomized(classifier, ("dense", "hidden2"), jax.random.key(0))
    np.testing.assert_array_equal(spoilt.blocks[0].dense.kernel[...], classifier.blocks[0].dense.kernel[...])
    for before, after in (
        (classifier.blocks[1].dense, spoilt.blocks[1].dense),
        (classifier.dense, spoilt.dense),
    ):
        assert (before.kernel[...] != after.kernel[...]).mean() > 0.5
        np.testing.assert_array_equal(np.sort(before.kernel[...].ravel()), np.sort(after.kernel[...].ravel()))


def test_every_layer_has_a_key_of_its_own() -> None:
    classifier = build(
        config.Mlp(hidden=(6, 6, 6)), image_shape=SHAPE, class_names=("a", "b"), key=jax.random.key(0)
    )
    load_vector(classifier, np.zeros_like(to_vector(classifier)))
    for block in classifier.blocks[1:]:
        block.dense.kernel[...] = jnp.arange(36.0).reshape(6, 6)
    spoilt = randomized(classifier, ("hidden2", "hidden3"), jax.random.key(0))
    assert (spoilt.blocks[1].dense.kernel[...] != spoilt.blocks[2].dense.kernel[...]).any()


def test_a_map_of_the_image_survives_what_one_of_the_network_does_not() -> None:
    of: Case = case(np.random.default_rng(0).normal(0.5, 0.1, SHAPE))
    judge = ParameterRandomization(repeats=2)
    found = {
        name: np.asarray(jax.jit(lambda net, of, name=name: judge(METHODS[name], net, of))(network(), of))
        for name in ("image", "gradient")
    }
    np.testing.assert_allclose(found["image"], 1, atol=1e-5)
    assert found["gradient"].shape == (3,)
    assert abs(found["gradient"][-1]) < 0.6
