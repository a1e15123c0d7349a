"""How often few images train an autoencoder, and what to set where that is too seldom."""

import numpy as np
import pytest

from deepvid import config
from deepvid.config import experiment_from
from deepvid.config.experiment import with_enough_steps
from deepvid.pipeline.vae import _steps
from deepvid.training import train_vae
from deepvid.training.vae import passes


def test_a_few_hundred_images_are_told_what_to_set() -> None:
    told = _steps(config.Vae(batch=128, epochs=14), 300)  # two batches an epoch
    assert "28 steps train the autoencoder" in told
    assert told.endswith("Set vae.fewest_steps = 600")


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        (10_000, (128, 1)),  # 1,092 steps as it is set
        (5_504, (128, 1)),  # 43 batches an epoch, 602 in 14
        (5_503, (64, 1)),
        (1_376, (32, 1)),
        (300, (32, 5)),  # 46 batches an epoch
        (20, (32, 69)),
    ],
)
def test_fewer_images_make_smaller_batches_then_more_passes(images: int, expected: tuple[int, int]) -> None:
    asked = config.Vae(batch=128, epochs=14, fewest_steps=600)
    *found, rate = passes(asked, images)
    assert tuple(found) == expected
    assert rate == pytest.approx(asked.learning_rate * (expected[0] / 128) ** 0.5)
    assert passes(asked.replaced(fewest_steps=0), images) == (128, 1, asked.learning_rate)
    told = _steps(asked, images)
    assert bool(told) == (expected != (128, 1))
    assert "Set" not in told


def test_a_batch_that_is_smaller_is_kept() -> None:
    assert passes(config.Vae(batch=16, epochs=1, fewest_steps=30), 320)[:2] == (16, 2)


def test_images_are_seen_as_often_as_is_said() -> None:
    asked = config.Vae(latent=2, width=1, hidden=2, batch=32, epochs=2, fewest_steps=9)
    images = np.random.default_rng(0).integers(0, 256, (24, 8, 8, 1), dtype=np.uint8)
    test = np.zeros(24, bool)
    test[20:] = True
    first, last = train_vae(asked, images, test, seed=0)
    assert int(last.state["steps"]) == 2 * int(first.state["steps"]) == 10


@pytest.mark.parametrize(
    ("vae", "fewest"), [({}, 600), ({"latent": 4}, 600), ({"epochs": 3}, 0), ({"batch": 8}, 0)]
)
def test_what_explains_a_model_has_enough_steps_unless_a_person_sets_them(
    vae: dict[str, int], fewest: int
) -> None:
    described = {"name": "own", "dataset": {"source": "mnist"}, "vae": vae}
    experiment = with_enough_steps(experiment_from(described))
    assert experiment.vae == config.Vae(**vae, fewest_steps=fewest)
