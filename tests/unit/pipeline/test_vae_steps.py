"""Whether so many images train an autoencoder, and what to set where they do not."""

import pytest

from deepvid import config
from deepvid.pipeline.vae import too_few_steps


def test_a_few_hundred_images_are_told_what_to_set() -> None:
    # 300 images in batches of 128 are 3 steps an epoch; in batches of 32 they are 10.
    told = too_few_steps(config.Vae(batch=128, epochs=14), 300)
    assert "42 steps train the autoencoder" in told
    assert told.endswith("Set vae.batch = 32 and vae.epochs = 60")
    assert not too_few_steps(config.Vae(batch=32, epochs=60), 300)


@pytest.mark.parametrize(("images", "epochs"), [(10_000, 14), (5_500, 14), (5_500, 10)])
def test_a_smaller_batch_is_kept(images: int, epochs: int) -> None:
    # 5,500 images in batches of 128 are 43 steps: 602 in 14 epochs, 430 in 10.
    told = too_few_steps(config.Vae(batch=16, epochs=1), 320)
    assert told.endswith("Set vae.batch = 16 and vae.epochs = 30")
    assert bool(too_few_steps(config.Vae(batch=128, epochs=epochs), images)) == (epochs == 10)
