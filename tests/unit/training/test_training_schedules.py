"""Learning rates at steps a person can check."""

import jax.numpy as jnp
import numpy as np
import pytest

from deepvid.training.optimizers import OPTIMIZERS, SCHEDULES, kernels

EXPECTED = {  # of peak 2 in 8 steps, after 0, 2, 4, 6, 8 of them
    "constant": [2, 2, 2, 2, 2],
    "step": [2, 2, 0.2, 0.02, 0.02],
    "cosine": [2, 1 + np.sqrt(0.5), 1, 1 - np.sqrt(0.5), 0],
    "one_cycle": [0.08, 2, 4 / 3, 2 / 3, 0],
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_by_hand(name: str) -> None:
    schedule = SCHEDULES[name](2.0, 8)
    np.testing.assert_allclose([schedule(step) for step in (0, 2, 4, 6, 8)], EXPECTED[name], atol=1e-6)


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_training_of_one_step_has_a_rate(name: str) -> None:
    assert 0 < float(SCHEDULES[name](2.0, 1)(jnp.int32(0))) <= 2


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_weight_decay_leaves_biases_alone(name: str) -> None:
    parameters = {"kernel": jnp.ones((2, 2)), "bias": jnp.ones(2)}
    nothing = {"kernel": jnp.zeros((2, 2)), "bias": jnp.zeros(2)}
    assert kernels(parameters) == {"kernel": True, "bias": False}
    optimizer = OPTIMIZERS[name](lambda _: 0.1, 0.5)
    update, _ = optimizer.update(nothing, optimizer.init(parameters), parameters)
    assert (update["kernel"] < 0).all()
    assert (update["bias"] == 0).all()
