"""Maximized pictures of the tiny run's units, as a page asks for them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from deepvid.engine.network import maximize
from deepvid.engine.requests import Maximize
from deepvid.errors import ConfigError
from deepvid.network.switches import Switches
from deepvid.pipeline.trained import TrainedRun
from deepvid.progress import SILENT
from deepvid.store import open_run

pytestmark = pytest.mark.long


def test_e3_a_picture_drives_its_unit_more_than_the_images_it_was_trained_on(tiny_run: Path) -> None:
    """Its response is that of the network to the picture."""
    run = open_run(tiny_run)
    network = TrainedRun(run).network
    layer = network.layers[-2]
    images = run.stages["dataset"].open()["image"][:200].to_numpy() / np.float32(255)
    usual = largest(network.activations(jnp.asarray(images), layer)).max(axis=0)
    unit = int(usual.argmax())
    request = Maximize(tiny_run, layer, unit, Switches(decay=0.1), ("latent", "pixel", "held"))
    found = maximize(request, SILENT)
    assert found.picture.shape == (3, 28, 28, 1)
    again = largest(network.activations(jnp.asarray(found.picture) / 255, layer))[:, unit]
    np.testing.assert_allclose(found.response, again, rtol=1e-3)
    assert found.response[1] > usual[unit]
    assert found.response[2] < found.response[1]


def largest(maps: Any) -> np.ndarray:
    """(image, unit): over places."""
    return np.asarray(maps).reshape(len(maps), -1, maps.shape[-1]).max(axis=1)


@pytest.mark.parametrize(
    ("changes", "must"),
    [
        ({"layer": "pixels"}, "one of a layer"),
        ({"unit": 10_000}, "numbered from 0"),
        ({"unit": -1}, "numbered from 0"),
        ({"switches": Switches(blur=float("nan"))}, "blur is from 0"),
        ({"switches": Switches(decay=1.5)}, "decay is from 0"),
        ({"made": ()}, "made in one of"),
    ],
)
def test_e3_what_is_not_there_is_refused(tiny_run: Path, changes: dict[str, Any], must: str) -> None:
    asked = Maximize(tiny_run, TrainedRun(open_run(tiny_run)).network.layers[0], 0)
    with pytest.raises(ConfigError, match=must):
        maximize(replace(asked, **changes), SILENT)
