"""Units held at their usual response, in a network with places: all that stands behind them follows."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from deepvid import config
from deepvid.models import build
from deepvid.network import ablation
from deepvid.network.ablation import HeldUnits, ablated_outputs, mean_responses
from deepvid.network.layers import outputs

IMAGES = np.random.default_rng(0).integers(0, 256, (7, 8, 8, 1), dtype=np.uint8)


def test_a_held_unit_answers_the_same_everywhere_and_the_layers_behind_see_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ablation, "BATCH", 3)  # the last one is smaller
    network = build(
        config.ResNet(width=2), image_shape=(8, 8, 1), class_names=("a", "b"), key=jax.random.key(0)
    )
    network.eval()
    images = jnp.asarray(IMAGES / np.float32(255))
    free, means = outputs(network, images), mean_responses(network, IMAGES)
    layer = network.layers[1]
    np.testing.assert_allclose(means[layer], np.asarray(free[layer]).mean(axis=(0, 1, 2)), rtol=1e-5)
    which = np.arange(len(means[layer])) == 1
    found = ablated_outputs(
        network, images, {layer: HeldUnits(jnp.asarray(which), jnp.asarray(means[layer]))}
    )
    by_hand = np.where(which, means[layer], free[layer])
    assert not np.allclose(by_hand, free[layer])
    np.testing.assert_allclose(found[layer], by_hand, rtol=1e-5)
    logits = network.logits_from(jnp.asarray(by_hand), layer)
    np.testing.assert_allclose(found["logits"], logits, rtol=1e-4, atol=1e-6)
    assert not np.allclose(found["logits"], free["logits"], atol=1e-4)
    np.testing.assert_array_equal(found[network.layers[0]], free[network.layers[0]])
    same = ablated_outputs(network, images, {})
    np.testing.assert_allclose(same["logits"], free["logits"], rtol=1e-5)
