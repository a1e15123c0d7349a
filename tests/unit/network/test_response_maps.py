"""Maps of units, pooled and in bytes: what they stand for is what the layer itself says."""

import jax
import numpy as np
import pytest

from deepvid import config
from deepvid.models import LayeredClassifier, build
from deepvid.network.layers import Layer, layers_of
from deepvid.network.response_maps import PLACES, coded, grid, pooling, response_maps

pytestmark = pytest.mark.long

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 12, 28, 1), dtype=np.uint8)


@pytest.fixture(scope="module")
def residual() -> LayeredClassifier:
    made = build(
        config.ResNet(depth=8, width=2),
        image_shape=(12, 28, 1),
        class_names=("ant", "bee"),
        key=jax.random.key(0),
    )
    made.eval()
    return made


def layer(network: LayeredClassifier, name: str) -> Layer:
    return next(one for one in layers_of(network, 9) if one.name == name)


def test_a_place_is_the_mean_of_what_lies_in_it() -> None:
    np.testing.assert_allclose(pooling(4, 2), [[0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]])
    # three positions in two places: the middle one lies half in each, and a place takes one and a half
    np.testing.assert_allclose(pooling(3, 2), [[2 / 3, 1 / 3, 0], [0, 1 / 3, 2 / 3]], rtol=1e-6)
    np.testing.assert_array_equal(pooling(3, 3), np.eye(3))


def test_maps_of_chosen_units_are_means_over_blocks_row_by_row(residual: LayeredClassifier) -> None:
    stem, last = layer(residual, "stem"), layer(residual, "stage3.block1")
    assert (grid(stem), grid(last)) == ((7, 7), (3, 7))
    found = response_maps(residual, [(stem, np.array([1])), (last, np.array([4, 0]))], IMAGES)
    assert found.shape == (5, PLACES, 3)
    raw = np.asarray(residual.activations(IMAGES / np.float32(255), "stage3.block1"))
    np.testing.assert_allclose(found[:, :21, 1:], raw[..., [4, 0]].reshape(5, 21, 2), rtol=2e-3, atol=1e-4)
    assert not found[:, 21:, 1:].any()  # it has three rows alone
    first = np.asarray(residual.activations(IMAGES / np.float32(255), "stem"))[..., 1]
    across = first.reshape(5, 12, 7, 4).mean(axis=3)
    np.testing.assert_allclose(
        found[:, 0, 0], (across[:, 0, 0] + across[:, 1, 0] * 5 / 7) * 7 / 12, rtol=5e-3
    )
    np.testing.assert_allclose(found[..., 0].mean(axis=1), first.mean(axis=(1, 2)), rtol=5e-3)


def test_bytes_are_half_a_step_off_at_most_and_no_answer_stays_none() -> None:
    rng = np.random.default_rng(1)
    maps = np.stack([rng.exponential(3, (40, 9)), rng.normal(size=(40, 9)), np.zeros((40, 9))], axis=2)
    maps[maps[..., 0] < 1, 0] = 0
    found = coded(maps.astype(np.float16))
    values = found.low + found.step * found.byte
    assert (np.abs(values - maps) <= found.step / 2 + 2e-3 * np.abs(maps) + 1e-6).all()
    assert (values[..., 0] == 0)[maps[..., 0] == 0].all()
    assert not values[..., 2].any()
    assert found.step[2] == 0
    expected = np.sqrt(maps.var(axis=0).mean(axis=0))
    np.testing.assert_allclose(found.deviation, expected, rtol=1e-2)
