"""The search for a learning rate: a short training whose rate grows."""

import jax
import numpy as np
import pytest

from deepvid import config
from deepvid.metrics import cross_entropy
from deepvid.models import build
from deepvid.training import RateSearch, find_rate, predict
from deepvid.training.loop import shuffled
from deepvid.training.rate_finder import STEPS, smooth

NAMES = ("dark", "bright")
LABELS = np.arange(40, dtype=np.int32) % 2
IMAGES = (np.random.default_rng(0).integers(0, 128, (40, 4, 4, 1)) + 60 * LABELS[:, None, None, None]).astype(
    np.uint8
)


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_one_step_at_each_rate_though_it_diverges(optimizer: str) -> None:
    settings = config.Teacher.model_validate(
        {"network": {"kind": "mlp", "hidden": [6]}, "batch": 16, "optimizer": optimizer, "dropout": 0.0}
    )
    search = find_rate(settings, IMAGES, LABELS, NAMES, seed=3)
    assert (len(search.losses), search.rates[0], search.rates[-1]) == (STEPS, 1e-5, pytest.approx(1))
    assert np.isfinite(search.losses).all()
    fresh = build(settings.network, image_shape=(4, 4, 1), class_names=NAMES, key=jax.random.key(3))
    first = shuffled(40, 16, seed=3, epoch=0)[0]
    loss = cross_entropy(predict(fresh, IMAGES[first]).logits, LABELS[first]).mean()
    assert search.losses[0] == pytest.approx(loss, rel=1e-4)
    assert search.rate == search.rates[search.smoothed.argmin()] / 10


def test_a_mean_of_the_losses_so_far_is_smoothed() -> None:
    assert smooth(np.full(5, 2.0)).tolist() == pytest.approx([2.0] * 5)
    assert smooth(np.array([1.0, 2.0])) == pytest.approx([1, (0.9 + 2) / 1.9])
    flat = np.ones(STEPS)
    assert not RateSearch(np.geomspace(1e-5, 1, STEPS), flat, flat).fell
