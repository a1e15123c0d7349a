"""The record of a training: what its numbers are, and that the training is the same without it."""

import os
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from deepvid import config
from deepvid.models import build
from deepvid.step_columns import in_columns
from deepvid.step_numbers import MOST_COLUMNS, column_ends, number_names
from deepvid.training import train_teacher
from deepvid.training.epoch_record import kernel_names, kernel_numbers, step_numbers


def test_the_ratio_is_the_mean_update_over_the_mean_parameter() -> None:
    def state(kernel: list[list[float]]) -> nnx.State:
        return nnx.State({"bias": nnx.Param(jnp.ones(2)), "kernel": nnx.Param(jnp.array(kernel))})

    numbers = kernel_numbers(state([[1, -3]]), state([[1.5, -2]]), state([[3, 4]]))
    # Updates of .5 and 1 are .75 in the mean, parameters 2; the bias is no kernel.
    assert numbers["update_ratio"].tolist() == [0.375]
    assert numbers["gradient_norm"].tolist() == [5]


def test_kernels_have_the_names_of_their_blocks() -> None:
    def names(network: config.Network) -> tuple[str, ...]:
        return kernel_names(
            build(network, image_shape=(8, 8, 1), class_names=("a", "b"), key=jax.random.key(0))
        )

    assert names(config.Mlp(hidden=(4, 3))) == ("hidden1.dense", "hidden2.dense", "dense")
    assert names(config.ResNet(width=2))[:4] == (
        *("stem.conv", "stage1.block1.convs.0", "stage1.block1.convs.1"),
        "stage2.block1.convs.0",
    )
    assert number_names(("dense",)) == (
        *("loss", "accuracy", "learning_rate"),
        *("update_ratio dense", "gradient_norm dense"),
    )


def steps_of(losses: np.ndarray) -> dict[str, np.ndarray]:
    kernels = np.stack([losses, 2 * losses], axis=1)
    return {"loss": losses, "accuracy": losses, "update_ratio": kernels, "gradient_norm": kernels}


def test_a_short_epoch_has_a_column_a_step() -> None:
    columns = in_columns(step_numbers(steps_of(np.array([4.0, 2.0])), np.array([0.5, 0.25])), 2)
    assert columns.shape == (2, 7, 3)
    assert columns[0, :, 1].tolist() == [4, 4, 0.5, 4, 8, 4, 8]
    assert (columns == columns[..., :1]).all()  # one step is its own minimum, mean and maximum


def test_a_long_epoch_has_the_least_the_mean_and_the_most_of_stretches() -> None:
    steps = 2 * MOST_COLUMNS + 1
    columns = in_columns(
        step_numbers(steps_of(np.arange(steps, dtype=np.float64)), np.ones(steps)), MOST_COLUMNS
    )
    assert columns.shape == (MOST_COLUMNS, 7, 3)
    assert columns[0, 0].tolist() == [0, 0.5, 1]
    assert columns[-1, 0].tolist() == [1022, 1023, 1024]  # the three steps that are left
    assert column_ends(steps)[[0, -1]].tolist() == [2, steps]


IMAGES = np.random.default_rng(0).integers(0, 256, (60, 8, 8, 1), dtype=np.uint8)
LABELS = np.arange(60, dtype=np.int32) % 2
SETTINGS = config.Teacher(network=config.Mlp(hidden=(8,)), epochs=2, batch=8, learning_rate=0.01)


def test_a_snapshot_has_the_record_of_its_epoch() -> None:
    for snapshot in train_teacher(SETTINGS, IMAGES, LABELS, np.arange(60) >= 40, ("a", "b"), seed=0):
        recording, metrics = snapshot.record, snapshot.metrics
        assert (recording.steps, recording.kernels) == (5, ("hidden1.dense", "dense"))
        assert recording.numbers.shape == (5, 7, 3)
        means = dict(zip(number_names(recording.kernels), recording.numbers[..., 1].T, strict=True))
        assert means["loss"].mean() == pytest.approx(metrics["train_loss"], rel=1e-6)
        assert means["accuracy"].mean() == pytest.approx(metrics["train_accuracy"], rel=1e-6)
        assert means["learning_rate"][-1] == pytest.approx(metrics["learning_rate"], rel=1e-6, abs=1e-9)
        assert (means["update_ratio dense"] > 1e-4).all()
        assert (means["gradient_norm hidden1.dense"] > 1e-3).all()


SCRIPT = """
import sys
import jax
import numpy as np
from deepvid import config
from deepvid.training import teacher, train_teacher

jax.config.update("jax_num_cpu_devices", int(sys.argv[1]))
rng = np.random.default_rng(0)
images = rng.integers(0, 256, (320, 28, 28, 1), dtype=np.uint8)
labels, test, names = np.arange(320, dtype=np.int32) % 10, np.arange(320) >= 256, tuple("0123456789")

def trained(optimizer):
    network = config.Mlp(hidden=(32, 16))
    settings = config.Teacher(epochs=2, batch=64, network=network, dropout=0.2, optimizer=optimizer)
    *_, last = train_teacher(settings, images, labels, test, names, seed=0)
    return {name: array.tobytes() for name, array in last.state.items()}

recorded = [trained(optimizer) for optimizer in ("adamw", "nesterov")]
without = jax.numpy.zeros(3)  # what a program does not ask for XLA leaves out
teacher.kernel_numbers = lambda *states: {"update_ratio": without, "gradient_norm": without}
assert recorded == [trained(optimizer) for optimizer in ("adamw", "nesterov")]
print(len(jax.devices()))
"""


@pytest.mark.long
@pytest.mark.parametrize("devices", [1, 2])
def test_a_training_that_is_recorded_has_the_same_bytes(devices: int) -> None:
    """Compiled as for a person: how XLA fuses what is added is what could change the last digits."""
    command = [sys.executable, "-c", SCRIPT, str(devices)]
    environment = {
        **os.environ,
        "JAX_PLATFORMS": "cpu",
        "JAX_DISABLE_MOST_OPTIMIZATIONS": "0",
        "XLA_FLAGS": "",
    }
    told = subprocess.run(command, check=True, env=environment, capture_output=True, text=True).stdout
    assert int(told) == devices


def test_what_some_steps_lack_is_of_the_others_and_fewer_steps_leave_columns_empty() -> None:
    numbers = np.array([[1.0, np.nan], [3.0, 5.0], [np.nan, np.nan]])
    columns = in_columns(numbers, 2)  # a step, then two
    assert columns[0, 0].tolist() == [1, 1, 1]
    assert columns[1].tolist() == [[3, 3, 3], [5, 5, 5]]
    assert np.isnan(columns[0, 1]).all()
    short = in_columns(numbers[:1], 2)
    assert np.isnan(short[1]).all()
    assert np.isnan(in_columns(numbers[:0], 2)).all()
