"""The probe of a training: its units on the same few images, between steps."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from deepvid import config
from deepvid.cores import Placement
from deepvid.models import build, restore
from deepvid.step_numbers import measure_names
from deepvid.training import Snapshot, predict, train_teacher
from deepvid.training.probe import IMAGES, MOST_TICKS, Probe

LAYERS = ("hidden1",)
PIXELS = np.array([0, 51, 102, 255], np.uint8).reshape(4, 1, 1, 1)  # 0, .2, .4 and 1


class Variables(NamedTuple):
    parameters: nnx.State
    statistics: nnx.State


@pytest.fixture
def network() -> nnx.Module:
    return build(
        config.Mlp(hidden=(2,)), image_shape=(1, 1, 1), class_names=("a", "b"), key=jax.random.key(0)
    )


def with_units(network: nnx.Module, weights: list[float], biases: list[float]) -> Variables:
    """The network whose two units are relu(weight pixel + bias)."""
    dense = network.blocks[0].dense  # type: ignore[attr-defined]
    dense.kernel[...], dense.bias[...] = jnp.array([weights]), jnp.array(biases)
    _, parameters, statistics = nnx.split(network, nnx.Param, nnx.BatchStat)  # type: ignore[misc]
    return Variables(parameters, statistics)


def test_a_tick_says_how_much_of_a_layer_is_active_and_how_far_it_has_moved(network: nnx.Module) -> None:
    probe = Probe(nnx.graphdef(network), PIXELS, 60, seed=0)
    for step, weight, bias in ((0, 1, 0), (20, 3, 0), (40, -1, 1), (60, -1, 1)):
        probe.look(step, with_units(network, [weight, 0], [bias, -1]), Placement(4))
    ticks = probe.ticks(LAYERS)
    assert (ticks.layers, ticks.units) == (LAYERS, (2,))
    assert measure_names(LAYERS) == ("step", "mean hidden1", "active hidden1", "drift hidden1")
    # Unit 0 says 3 p, 1 - p, 1 - p: each is 0 for one of four images. Unit 1 is silent, and has no r.
    assert ticks.unit_active.tolist() == [[0.75, 0]] * 3
    expected = [[20, 0.6, 0.375, 0], [40, 0.3, 0.375, 2], [60, 0.3, 0.375, 0]]
    np.testing.assert_allclose(ticks.numbers, expected, atol=1e-6)


def test_of_steps_that_come_together_the_ticks_between_are_missing(network: nnx.Module) -> None:
    probe = Probe(nnx.graphdef(network), PIXELS, 60, seed=0)
    for step in (0, 32, 60):  # as an accelerator makes them
        probe.look(step, with_units(network, [1, 1], [0, 0]), Placement(4))
    ticks = probe.ticks(LAYERS)
    assert ticks.numbers[:, 0].tolist() == [pytest.approx(np.nan, nan_ok=True), 32, 60]
    assert np.isnan(ticks.unit_active[0]).all()
    assert np.isnan(probe.ticks(LAYERS).numbers).all()  # the next epoch has none yet


def test_a_long_epoch_has_no_more_ticks_than_a_page_shows() -> None:
    assert Probe(nnx.GraphDef, PIXELS, 6_400, seed=0).every == 6_400 / MOST_TICKS  # type: ignore[arg-type]


RNG = np.random.default_rng(0)
SAMPLES = RNG.integers(0, 256, (100, 8, 8, 1), dtype=np.uint8)
SETTINGS = config.Teacher(network=config.ResNet(width=2), epochs=2, batch=4, learning_rate=0.01)


def trained(state: dict[str, np.ndarray] | None = None) -> list[Snapshot]:
    labels, test = np.arange(100, dtype=np.int32) % 2, np.arange(100) >= 90
    return list(train_teacher(SETTINGS, SAMPLES, labels, test, ("a", "b"), seed=0, state=state))


@pytest.mark.long
def test_a_training_is_probed_every_twenty_steps_and_at_the_end_of_an_epoch() -> None:
    first, second = trained()
    for ticks in (first.record.ticks, second.record.ticks):
        assert ticks.layers == ("stem", "stage1.block1", "stage2.block1", "stage3.block1", "pool")
        assert ticks.units == (2, 2, 4, 8, 8)
        assert ticks.numbers[:, 0].tolist() == [20, 22]  # 90 images in batches of 4
        assert np.isfinite(ticks.numbers).all()
    drift = first.record.ticks.numbers[:, -5:]
    assert (drift[0] > drift[1]).all()  # twenty steps from the beginning move it further than two
    network = restore(
        SETTINGS.network, image_shape=(8, 8, 1), class_names=("a", "b"), vector=second.parameters
    )
    rows = np.random.default_rng((0, IMAGES)).permutation(90)[:IMAGES]
    features = predict(network, SAMPLES[rows]).features  # in evaluation mode
    assert second.record.ticks.numbers[-1, 5] == pytest.approx(features.mean(), rel=1e-4)
    (resumed,) = trained(first.state)
    for ours, theirs in zip(resumed.record.ticks[2:], second.record.ticks[2:], strict=True):
        assert np.asarray(ours).tobytes() == np.asarray(theirs).tobytes()
