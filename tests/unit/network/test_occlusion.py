"""Effects of covering parts of an image on units and logits, against covering them one by one."""

import jax
import numpy as np
import pytest

from deepvid import config
from deepvid.attribution.baselines import blurred
from deepvid.attribution.windows import Windows
from deepvid.models import LayeredClassifier, build
from deepvid.network.occlusion import BLUR, occluded

pytestmark = pytest.mark.long

SHAPE = (13, 10, 3)
IMAGE = np.random.default_rng(0).uniform(size=SHAPE).astype(np.float32)
KEPT = [("stem", np.array([1])), ("stage3.block1", np.array([5, 0])), ("pool", np.zeros(0, int))]


@pytest.fixture(scope="module")
def network() -> LayeredClassifier:
    settings = config.ResNet(depth=8, width=2)
    made = build(settings, image_shape=SHAPE, class_names=("ant", "bee"), key=jax.random.key(0))
    made.eval()
    return made


def test_all_in_one_pass_are_those_of_one_patch_at_a_time(network: LayeredClassifier) -> None:
    found, where = occluded(network, KEPT, IMAGE), Windows.over(SHAPE)
    assert found.unit.shape == (3, len(where.top), len(where.left))
    assert found.logit.shape == (2, len(where.top), len(where.left))
    instead = np.asarray(blurred(IMAGE, BLUR * where.side))
    for v, u in ((0, 0), (3, 2), (len(where.top) - 1, len(where.left) - 1)):
        covered = IMAGE.copy()
        patch = (
            slice(where.top[v], where.top[v] + where.side),
            slice(where.left[u], where.left[u] + where.side),
        )
        covered[patch] = instead[patch]
        pair = np.stack([IMAGE, covered])
        maps = np.asarray(network.activations(pair, "stage3.block1")).mean(axis=(1, 2))[:, [5, 0]]
        np.testing.assert_allclose(found.unit[1:, v, u], maps[0] - maps[1], atol=1e-5)
        logits = np.asarray(network.logits(pair))
        np.testing.assert_allclose(found.logit[:, v, u], logits[0] - logits[1], atol=1e-5)
    assert np.abs(found.unit).max() > 1e-3


def test_where_nothing_is_covering_adds_nothing(network: LayeredClassifier) -> None:
    """A patch in a mean color would: that is why the copy is a blurred one."""
    flat = occluded(network, KEPT, np.full(SHAPE, 0.3, np.float32))
    assert max(np.abs(flat.unit).max(), np.abs(flat.logit).max()) < 1e-5
    image = np.zeros(SHAPE, np.float32)
    image[:3, :3] = 1
    far = occluded(network, KEPT, image).logit[:, -1, -1]
    assert np.abs(far).max() < 1e-5
