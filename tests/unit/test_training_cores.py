"""A batch split over several devices gives what one device gives."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = """
import sys
import jax
import numpy as np
from deepvid import config
from deepvid.models.normalization import GHOST
from deepvid.training import train_teacher, train_vae
from deepvid.training.cores import Placement, use_cores

jax.config.update("jax_num_cpu_devices", int(sys.argv[1]))
rng = np.random.default_rng(0)
images = rng.integers(0, 256, (96, 8, 8, 1), dtype=np.uint8)
test = np.arange(96) >= 64  # one step: from the second on, rounding may put a unit on the other side of 0
settings = config.Teacher(epochs=1, batch=64, network=config.ResNet(depth=8, width=4), dropout=0.5)
(snapshot,) = train_teacher(settings, images, np.arange(96) % 2, test, ("a", "b"), seed=0)
(vae,) = train_vae(config.Vae(epochs=1, batch=64), images, test, seed=0)
use_cores()  # too late, without effect
np.savez(
    sys.argv[2], devices=len(jax.devices()), shares=len(Placement(64, unit=GHOST).split.device_set),
    parameters=snapshot.parameters, logits=snapshot.test_logits, vae=vae.parameters,
)
"""


@pytest.mark.long
def test_two_devices_share_a_batch_and_train_the_same_network(tmp_path: Path) -> None:
    for devices in (1, 2):
        command = [sys.executable, "-c", SCRIPT, str(devices), str(tmp_path / f"{devices}.npz")]
        subprocess.run(command, check=True, env=os.environ)
    one, two = (np.load(tmp_path / f"{devices}.npz") for devices in (1, 2))
    assert (one["devices"], two["devices"]) == (1, 2)
    assert (one["shares"], two["shares"]) == (1, 2)
    np.testing.assert_allclose(two["parameters"], one["parameters"], rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(two["logits"], one["logits"], rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(two["vae"], one["vae"], rtol=1e-3, atol=1e-4)
