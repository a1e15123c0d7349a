"""A batch or a student shared by several devices is what one device gives."""

import os
import subprocess
import sys

import numpy as np
import pytest

SCRIPT = """
import sys
import jax
import jax.numpy as jnp
import numpy as np
from deepvid import config
from deepvid.cores import Placement, map_shared, use_cores
from deepvid.models import build, build_vae
from deepvid.models.normalization import GHOST
from deepvid.students.chain import fit_one
from deepvid.students.decoding import Inputs
from deepvid.students.fidelity import fidelity
from deepvid.students.students import plan_of, values_of
from deepvid.students.teacher_oracle import label_neighborhood
from deepvid.training import train_teacher, train_vae

jax.config.update("jax_num_cpu_devices", int(sys.argv[1]))
rng = np.random.default_rng(0)
images = rng.integers(0, 256, (96, 8, 8, 1), dtype=np.uint8)
test = np.arange(96) >= 64  # one step: from the second on, rounding may put a unit on the other side of 0
network = config.ResNet(depth=8, width=4)
settings = config.Teacher(epochs=1, batch=64, network=network, dropout=0.5)
(snapshot,) = train_teacher(settings, images, np.arange(96) % 2, test, ("a", "b"), seed=0)
(vae,) = train_vae(config.Vae(epochs=1, batch=64), images, test, seed=0)
use_cores()  # too late, without effect

classifier = build(network, image_shape=(8, 8, 1), class_names=("a", "b"), dropout=0.0, key=jax.random.key(0))
untrained = build_vae(config.Vae(latent=3), image_shape=(8, 8, 1), key=jax.random.key(1))
classifier.eval(), untrained.eval()
section = config.Students(neighbors=70, gradient_neighbors=30, smoothness=(0.0, 1.0, 10.0))
one = Inputs(images[0], jnp.int32(5), jnp.int32(1))
values, plan = values_of(section, np.full(3, 4), 0), plan_of(section)
student = fit_one(label_neighborhood(classifier, untrained, one, values, plan), values, plan)
mapped = jax.jit(lambda rows: map_shared(lambda row: {"twice": 2 * row}, rows))(jnp.arange(5.0))["twice"]
np.savez(
    sys.argv[2], devices=len(jax.devices()), shares=len(Placement(64, unit=GHOST).split.device_set),
    parameters=snapshot.parameters, logits=snapshot.test_logits, vae=vae.parameters,
    mapped=mapped, mapped_on=len(mapped.devices()), student_on=len(student.arrays["weights"].devices()),
    **{f"student_{name}": student.arrays[name] for name in ("weights", "intercept", "neighborhood_gradient")},
    kl=fidelity(np.asarray(student.held_out), np.asarray(student.logits)).kl,
)
"""

PLAIN = {"JAX_PLATFORMS": "cpu", "JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}  # each program runs once

Found = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def one_and_two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Found, Found]:
    """Output of the script with one device and with two."""
    folder = tmp_path_factory.mktemp("cores")
    for devices in (1, 2):
        command = [sys.executable, "-c", SCRIPT, str(devices), str(folder / f"{devices}.npz")]
        subprocess.run(command, check=True, env={**os.environ, **PLAIN})
    one, two = (dict(np.load(folder / f"{devices}.npz")) for devices in (1, 2))
    assert (one["devices"], two["devices"]) == (1, 2)
    return one, two


@pytest.mark.long
def test_two_devices_share_a_batch_and_train_the_same_network(one_and_two: tuple[Found, Found]) -> None:
    one, two = one_and_two
    assert (one["shares"], two["shares"]) == (1, 2)
    np.testing.assert_allclose(two["parameters"], one["parameters"], rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(two["logits"], one["logits"], rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(two["vae"], one["vae"], rtol=1e-3, atol=1e-4)


@pytest.mark.long
def test_two_devices_share_a_student(one_and_two: tuple[Found, Found]) -> None:
    one, two = one_and_two
    assert (one["student_on"], two["student_on"]) == (1, 2)
    scale = np.abs(one["student_weights"]).max()
    np.testing.assert_allclose(two["student_weights"], one["student_weights"], atol=1e-2 * scale)
    np.testing.assert_allclose(two["student_intercept"], one["student_intercept"], atol=1e-2 * scale)
    np.testing.assert_allclose(
        two["student_neighborhood_gradient"], one["student_neighborhood_gradient"], rtol=1e-3, atol=1e-4
    )
    np.testing.assert_allclose(two["kl"], one["kl"], rtol=0.02)


@pytest.mark.long
def test_rows_that_cannot_be_shared_evenly_come_back_once_each(one_and_two: tuple[Found, Found]) -> None:
    for found, devices in zip(one_and_two, (1, 2), strict=True):
        assert found["mapped_on"] == devices
        np.testing.assert_array_equal(found["mapped"], [0, 2, 4, 6, 8])
